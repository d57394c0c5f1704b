// Features and predictions of uploaded pictures:
//
//     dotnet run --project docs/samples/WebApi
//     curl -F image=@docs/samples/pictures/rocket.jpg localhost:5000/features
//     curl -F image=@docs/samples/pictures/rocket.jpg localhost:5000/predictions
//
// The weights of the features are bundled by a package. The classifier's are downloaded once, 14 MB.
using Microsoft.AspNetCore.RateLimiting;
using TransferKit;
using TransferKit.Samples.WebApi;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddTransferKit(builder.Configuration.GetSection("TransferKit")).AddBackboneWarmUp();
builder.Services.Configure<TransferKitOptions>(shared =>
{
    shared.Store = shared.Store with { Bundled = [MobileNetV2Weights.Alpha035NoTop] };
    shared.Defaults = shared.Defaults with { Images = shared.Defaults.Images with { Decode = ImageDecodeOptions.ForUploads } };
});
builder.Services.AddHealthChecks().AddBackbone("features").AddBackbone("classifier");
builder.Services.AddProblemDetails();

// A picture takes a core, so as many requests run as there are cores. Others wait, or get 503 once too many wait.
var requests = builder.Configuration.GetSection("Requests");
builder.Services.AddRateLimiter(limits => limits.AddConcurrencyLimiter("pictures", limit =>
{
    limit.PermitLimit = requests.GetValue<int?>("AtOnce") ?? Environment.ProcessorCount;
    limit.QueueLimit = requests.GetValue("Waiting", 64);
}));
builder.WebHost.ConfigureKestrel(server => server.Limits.MaxRequestBodySize = 20_000_000);

var app = builder.Build();
app.UseExceptionHandler();
app.UseStatusCodePages();
app.UseRateLimiter();
app.MapHealthChecks("/health");

var pictures = app.MapGroup("/").DisableAntiforgery().RequireRateLimiting("pictures").AddEndpointFilter(PictureProblems.AnswerAsync);

pictures.MapPost("/features",
    (IFormFile image, [FromKeyedServices("features")] IBackbone backbone, CancellationToken cancellationToken) =>
    {
        using var stream = image.OpenReadStream();
        return backbone.Predict(stream, cancellationToken: cancellationToken).ToArray();
    });

pictures.MapPost("/predictions",
    (IFormFile image, [FromKeyedServices("classifier")] IBackbone backbone, CancellationToken cancellationToken) =>
    {
        using var stream = image.OpenReadStream();
        return backbone.Predict(stream, cancellationToken: cancellationToken).DecodePredictions(top: 3)[0];
    });

app.Run();
