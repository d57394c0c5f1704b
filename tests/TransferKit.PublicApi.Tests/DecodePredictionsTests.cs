namespace TransferKit.PublicApi.Tests;

public class DecodePredictionsTests
{
    [Fact]
    public void The_best_classes_come_first_with_Keras_ids_and_labels()
    {
        var scores = new float[2000];
        scores[386] = .7f;
        scores[101] = .2f;
        scores[1000 + 0] = 1;

        var decoded = new FeatureTensor([2, 1000], scores).DecodePredictions(top: 2);

        Assert.Equal(["African_elephant (n02504458): 0.7000", "tusker (n01871265): 0.2000"], decoded[0].Select(p => p.ToString()));
        Assert.Equal((0, "n01440764", "tench"), (decoded[1][0].Index, decoded[1][0].ClassId, decoded[1][0].Label));
    }

    [Fact]
    public void Outputs_of_another_width_are_refused_with_what_to_do()
    {
        var error = Assert.Throws<ArgumentException>(() => new FeatureTensor([1, 10], new float[10]).DecodePredictions());

        Assert.Contains("(n, 1000)", error.Message);
        Assert.Contains("(1, 10)", error.Message);
    }

    [Fact]
    public void A_score_that_is_no_number_is_refused_and_not_sorted_last()
    {
        var scores = new float[2000];
        scores[1000 + 17] = float.NaN;

        var error = Assert.Throws<ArgumentException>(() => new FeatureTensor([2, 1000], scores).DecodePredictions(top: 1));

        Assert.Contains("class 17 of sample 1 is NaN", error.Message);
    }

    [Fact]
    public void The_labels_are_all_thousand() =>
        Assert.Equal(1000, ImageNet.Labels.Distinct().Count() + 2); // crane and maillot stand twice
}
