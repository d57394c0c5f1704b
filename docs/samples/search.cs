#:project ../../src/TransferKit.Extensions.AI
#:project ../../src/TransferKit.Weights.MobileNetV2
using System.Numerics.Tensors;
using Microsoft.Extensions.AI;
using TransferKit;
using TransferKit.Extensions.AI;

// "More like this": dotnet run docs/samples/search.cs -- FOLDER PICTURE
var weights = MobileNetV2Weights.Alpha035NoTop;
using var backbone = Backbone.Load("mobilenet_v2", includeTop: false, pooling: Pooling.Avg, alpha: 0.35, weights: weights);
var generator = backbone.AsIEmbeddingGenerator();
DataContent[] pictures = [.. Directory.GetFiles(args[0]).Select(file => new DataContent(File.ReadAllBytes(file), "image/*") { Name = file })];
var index = await generator.GenerateAndZipAsync(pictures);
var query = await generator.GenerateVectorAsync(new DataContent(File.ReadAllBytes(args[1]), "image/*"));
foreach (var (picture, embedding) in index.OrderByDescending(row => TensorPrimitives.CosineSimilarity(row.Embedding.Vector.Span, query.Span)))
    Console.WriteLine($"{TensorPrimitives.CosineSimilarity(embedding.Vector.Span, query.Span):0.000} {Path.GetFileName(picture.Name)}");
