namespace TransferKit.Training.Tests;

public class DataTests
{
    [Fact]
    public void A_folder_gives_its_classes_by_name_and_a_split_keeps_their_shares()
    {
        using var photos = new SamplePhotos(3, 20);
        var all = photos.Open();
        var (train, validation) = all.Split(0.2, seed: 4);
        Assert.Equal(["class 0", "class 1", "class 2"], all.Classes);
        Assert.Equal([16, 16, 16], train.Counts());
        Assert.Equal([4, 4, 4], validation.Counts());
        Assert.Equal(all.Images.Select(i => i.Path).Order(), train.Images.Concat(validation.Images).Select(i => i.Path).Order());
        Assert.Equal(validation.Images.Select(i => i.Path), all.Split(0.2, seed: 4).Validation.Images.Select(i => i.Path));
        Assert.NotEqual(validation.Images.Select(i => i.Path), all.Split(0.2, seed: 5).Validation.Images.Select(i => i.Path));
    }

    [Fact]
    public void A_table_may_quote_and_join_labels()
    {
        using var photos = new SamplePhotos(1, 1);
        File.WriteAllText(photos.File("t.csv"), "file,label\r\n\"a, b.png\",red|round\r\nc.png,\"a \"\"big\"\" one\"\r\n");
        var table = ImageFolder.Open(photos.File("t.csv"));
        Assert.Equal(["a \"big\" one", "red", "round"], table.Classes);
        Assert.EndsWith("a, b.png", table.Images[0].Path, StringComparison.Ordinal);
        Assert.Equal([1, 2], table.Images[0].Classes);
    }

    [Fact]
    public void A_seed_draws_the_same_numbers_on_every_machine()
    {
        ulong[] drawn = [Draw.Key(0), Draw.Key(42), Draw.Key(42, 3), Draw.Key(-1, 7, 2)];
        Assert.Equal([0xac2148d9c5bb8f75, 0x0074b595984e60b6, 0x8e6ad32b500f8446, 0xae4d4d2b744257da], drawn);
    }

    [Fact]
    public void Balanced_weights_are_as_scikit_learn_has_them()
    {
        using var photos = new SamplePhotos(2, 10);
        for (var i = 10; i < 30; i++)
            SamplePhotos.Write(photos.File($"photos/class 0/{i}.png"), 0, i);
        Assert.Equal(
            new Dictionary<string, double> { ["class 0"] = 40 / (2 * 30.0), ["class 1"] = 40 / (2 * 10.0) },
            photos.Open().BalancedClassWeights());
    }

    [Fact]
    public void Batches_are_the_same_whatever_the_threads_do_and_differ_between_epochs()
    {
        using var photos = new SamplePhotos();
        float[] Batch(long key) => Read(
            photos, key, Augmentation.Parse("flip,rotation:0.2,zoom:0.3,translation:0.2,contrast:0.5,brightness:0.5"));
        Assert.Equal(Batch(1), Batch(1));
        Assert.NotEqual(Batch(1), Batch(2));
        Assert.Equal(Read(photos, 1, []), Read(photos, 2, []));
    }

    [Fact]
    public void A_linked_folder_and_a_name_that_is_not_UTF8_are_images_that_fail_and_hidden_files_are_none()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux has names of any bytes.");
        using var photos = new SamplePhotos(2, 3);
        photos.Shell("""
            cd photos/class\ 0 && ln -s ../.. back && cp 00.png $'caf\351.png' && cp 00.png Thumbs.db
            mkdir .checkpoints deep && cp 00.png .checkpoints/a.png && cp 00.png deep/b.png
            """);

        var images = photos.Open();
        var names = images.Images.Select(i => Path.GetRelativePath(photos.Photos, i.Path));
        Assert.Equal(
            [
                "class 0/00.png", "class 0/01.png", "class 0/02.png", "class 0/back", "class 0/caf\uFFFD.png", "class 0/deep/b.png",
                "class 1/00.png", "class 1/01.png", "class 1/02.png",
            ],
            names);
        // A model's order of classes makes new images, which must fail too.
        var ofModel = images.WithClasses(["class 1", "class 0"]);
        Assert.Contains("link to a folder", Assert.Throws<IOException>(() => Reader(ofModel, OnError.Stop).Read(3)).Message);
        var reader = Reader(ofModel, OnError.Skip);
        Assert.Equal([3, 4], Enumerable.Range(0, 9).Where(i => reader.Read(i) is null));
        Assert.Equal(["back", "caf\uFFFD.png"], reader.Unreadable.Keys.Select(k => Path.GetFileName(k)));
        Assert.Contains("is not UTF-8", reader.Unreadable.Values.Last().Message);
    }

    [Fact]
    public void A_class_may_be_a_link_and_one_that_leads_nowhere_is_refused()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Links need a privilege on Windows.");
        using var photos = new SamplePhotos(2, 3);
        photos.Shell("mkdir chosen && cd chosen && ln -s '../photos/class 1' one && ln -s '../photos/class 0' two && touch notes.txt");
        Assert.Equal(["one", "two"], ImageFolder.Open(photos.File("chosen")).Classes);

        photos.Shell("ln -s gone chosen/three");
        var error = Assert.Throws<TrainingDataException>(() => ImageFolder.Open(photos.File("chosen")));
        Assert.Equal(TrainingDataError.UnusableClass, error.Error);
        Assert.Contains("'three' is a link to something that does not exist", error.Message);

        photos.Shell("rm chosen/three && mkdir chosen/$'caf\\351'");
        error = Assert.Throws<TrainingDataException>(() => ImageFolder.Open(photos.File("chosen")));
        Assert.Contains("name that is not UTF-8", error.Message);
        photos.Shell("rmdir chosen/$'caf\\351'");
    }

    [Fact]
    public void A_table_that_is_not_UTF8_is_refused_and_one_of_UTF16_is_read()
    {
        using var photos = new SamplePhotos(1, 1);
        File.WriteAllBytes(photos.File("t.csv"), "file,label\na.png,gr\u00FCn\n"u8.ToArray().Where(b => b != 0xC3).ToArray());
        Assert.Contains("not UTF-8", Assert.Throws<TrainingDataException>(() => ImageFolder.Open(photos.File("t.csv"))).Message);

        File.WriteAllText(photos.File("t.csv"), "file,label\na.png,gr\u00FCn\n", System.Text.Encoding.Unicode);
        Assert.Equal(["gr\u00FCn"], ImageFolder.Open(photos.File("t.csv")).Classes);
    }

    private static ImageReader Reader(ImageFolder images, OnError unreadable) =>
        new(images, new(), (SamplePhotos.Side, SamplePhotos.Side), unreadable, 10_000);

    private static float[] Read(SamplePhotos photos, long key, IReadOnlyList<Augmentation> augmentation)
    {
        var reader = Reader(photos.Open(), OnError.Stop);
        var order = Enumerable.Range(0, 36).Reverse().ToArray();
        var values = new List<float>();
        foreach (var batch in new BatchReader(reader, PreprocessMode.Tf, augmentation).Read(order, 5, key, CancellationToken.None))
        {
            using (batch)
                values.AddRange(batch.Pixels);
        }
        return [.. values];
    }
}
