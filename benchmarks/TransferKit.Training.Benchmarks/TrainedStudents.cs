using TransferKit.SideBySide;

namespace TransferKit.Training.Benchmarks;

/// <summary>
/// Measures networks that are smaller than a fine-tuned MobileNetV2 0.35, their teacher: the speed beside plain ONNX Runtime on the teacher
/// in floats, and what they lose of its accuracy, trained on labels alone and with the teacher.
/// </summary>
internal static class TrainedStudents
{
    private const int Batch = 32;
    private const int TeacherSize = 96;
    private const int Seeds = 2;
    private static readonly ImageLoadOptions Images = new() { Interpolation = Interpolation.Bicubic };

    private static readonly Student[] All =
        [Student.Convolutions(32, 16, 32, 64), Student.Cut("block_6_project_BN", 48)];

    /// <param name="digits">The folder with <c>train</c> and <c>test</c>, each with a folder of pictures per class.</param>
    public static void Run(string digits)
    {
        var (train, test) = (ImageFolder.Open(Path.Combine(digits, "train")), ImageFolder.Open(Path.Combine(digits, "test")));
        var folder = Directory.CreateTempSubdirectory("students-").FullName;
        using var teacher = Teacher(train);
        var best = teacher.Evaluate(test).Accuracy!.Value;
        Console.WriteLine($"Top-1 of the teacher: {best:P2}. Others are means of {Seeds} seeds.");
        Console.WriteLine();
        var path = Path.Combine(folder, "teacher.onnx");
        PlainModel.Write(teacher.Network, teacher.Graph.Snapshot(), path);
        using var plain = new PlainModel(path);
        var planar = new float[Batch * TeacherSize * TeacherSize * 3];
        var distillation = new Distillation(teacher, train);
        var table = new Table(
            "student", "input", "precision", "of ONNX Runtime's speed", "top-1, labels alone", "points lost",
            "top-1, with the teacher", "points lost with it");
        foreach (var student in All)
        {
            var alone = Train(student, (model, options) => model.Fit(train, options: options));
            var taught = Train(student, distillation.Fit);
            foreach (var precision in new[] { Precision.Float32, Precision.Int8 })
            {
                var (byLabels, byTeacher) = (Accuracy(alone, precision), Accuracy(taught, precision));
                table.Add(
                    student.Name, student.InputSize, precision, SpeedOf(alone[0], precision), $"{byLabels:P2}", 100 * (best - byLabels),
                    $"{byTeacher:P2}", 100 * (best - byTeacher));
            }
        }
        Directory.Delete(folder, recursive: true);

        // The files of a student that was trained from each seed.
        string[] Train(Student student, Action<TransferModel, FitOptions> fit) => [.. Enumerable.Range(1, Seeds).Select(seed =>
        {
            using var model = student.Create(train, Images, folder, seed);
            fit(model, new() { Epochs = 20, Optimizer = new Adam(new CosineDecay(2e-3) { WarmUpSteps = 30 }), Seed = seed });
            var file = Path.Combine(folder, $"{Guid.NewGuid():N}.keras");
            model.Save(file);
            return file;
        })];

        double Accuracy(string[] files, Precision precision) => files.Average(file =>
        {
            using var model = Open(file, precision);
            return Evaluation.Of(model, test).Accuracy!.Value;
        });

        double SpeedOf(string file, Precision precision)
        {
            using var model = Open(file, precision);
            var pixels = Speed.Noise(model, Batch);
            return Speed.Compare(
                Batch, () => model.Predict(pixels), () => plain.Run(planar, [Batch, 3, TeacherSize, TeacherSize])).Ratio;
        }

        KerasModel Open(string file, Precision precision) => KerasModel.Open(file, new()
        {
            Precision = precision,
            Calibration = precision == Precision.Int8 ? Calibration.Folder(Path.Combine(digits, "train")) : null,
            CacheCompiledModel = false,
        });
    }

    private static TransferModel Teacher(ImageFolder train)
    {
        var teacher = TransferModel.Create("mobilenet_v2", train.Classes, new()
        {
            Backbone = new() { Weights = MobileNetV2Weights.Alpha035NoTop, Alpha = 0.35, InputSize = (TeacherSize, TeacherSize) },
            Images = Images,
        });
        teacher.BatchNormalization = BatchNormalizationMode.Inference;
        teacher.FitTwoPhase(train, options: new()
        {
            Head = new() { Epochs = 20 },
            FineTune = new() { Epochs = 14, Optimizer = new Adam(new CosineDecay(3e-4)) },
        });
        return teacher;
    }
}
