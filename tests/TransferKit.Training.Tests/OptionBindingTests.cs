using TransferKit.PublicApi.Tests;

namespace TransferKit.Training.Tests;

public class OptionBindingTests
{
    private static readonly BoundOptions Options = new(
        typeof(TransferModel).Assembly,
        [
            "BackboneOptions.ConfigureSession", "Calibration.Progress", "ImageLoadOptions.Decoder",
            "WeightStoreOptions.HttpClient", "WeightStoreOptions.LoggerFactory", "FitOptions.Callbacks",
        ],
        new()
        {
            [typeof(Head)] = ("\"dense:64,dropout:0.2\"", Head.Linear.Dense(64).Dropout(0.2)),
            [typeof(Optimizer)] = ("\"sgd:0.25\"", new Sgd(0.25)),
            [typeof(IReadOnlyList<Augmentation>)] = (
            """["zoom:0.1", "rotation:0.05"]""", new Augmentation[] { new RandomZoom(0.1), new RandomRotation(0.05) }),
        });

    public static TheoryData<Type> OptionTypes => [.. Options.Types];

    [Theory]
    [MemberData(nameof(OptionTypes))]
    public void Every_option_is_bound_from_json(Type type) => Options.AssertAllAreBound(type);

    [Theory]
    [InlineData("adam")]
    [InlineData("adamw:0.0001")]
    [InlineData("SGD:0.01")]
    public void An_optimizer_is_a_name_and_its_rate(string text)
    {
        var rule = BoundOptions.Bind<FitOptions>($$"""{ "Optimizer": "{{text}}" }""").Optimizer;

        Assert.Equal(text.Split(':')[0], rule.GetType().Name, ignoreCase: true);
        Assert.StartsWith($"ConstantRate({(text.Contains(':') ? text.Split(':')[1] : "0.001")},", rule.LearningRate.ToString());
    }

    [Theory]
    [InlineData("""{ "Optimizer": "rmsprob" }""")]
    [InlineData("""{ "Optimizer": "adam:fast" }""")]
    [InlineData("""{ "Augmentation": ["spin:1"] }""")]
    public void What_does_not_bind_is_an_error(string json) =>
        Assert.Throws<InvalidOperationException>(() => BoundOptions.Bind<FitOptions>(json));
}
