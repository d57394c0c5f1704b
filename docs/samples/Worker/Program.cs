// Keeps the features of a folder's pictures up to date. Every minute, new and changed pictures are read:
//
//     dotnet run --project docs/samples/Worker -- --Pictures photos --Features features
//
// With --Interval "" it reads the folder once and ends.
using TransferKit;
using TransferKit.Samples.Worker;

var builder = Host.CreateApplicationBuilder(args);
builder.Services.AddTransferKit(builder.Configuration.GetSection("TransferKit"));
builder.Services.Configure<TransferKitOptions>(o => o.Store = o.Store with { Bundled = [MobileNetV2Weights.Alpha035NoTop] });
builder.Services.AddHostedService<FolderReader>();
builder.Build().Run();
