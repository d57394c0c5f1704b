// Prints the features of pictures, offline:
//
//     dotnet run --project docs/samples/Console -- docs/samples/pictures/rocket.jpg
//
// Exit codes: 0; 1 if a picture was skipped; 2 without pictures.
using System.Globalization;
using TransferKit;

if (args.Length == 0)
{
    Console.Error.WriteLine("Name one or more pictures.");
    return 2;
}

using IBackbone backbone = Backbone.Load("mobilenet_v2", new()
{
    IncludeTop = false,
    Pooling = Pooling.Avg,
    Alpha = 0.35,
    Weights = MobileNetV2Weights.Alpha035NoTop,
});
var skipped = 0;
foreach (var picture in args)
{
    try
    {
        float[] features = backbone.Predict(picture).ToArray();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{picture}: {features.Length} numbers, {features[0]:0.0000} {features[1]:0.0000} ..."));
    }
    catch (Exception e) when (e is ImageDecodeException or IOException or UnauthorizedAccessException)
    {
        Console.Error.WriteLine($"skipped {picture}: {e.Message}");
        skipped++;
    }
}
return skipped == 0 ? 0 : 1;
