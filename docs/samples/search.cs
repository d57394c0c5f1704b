#:project ../../src/TransferKit.Extensions.AI
#:project ../../src/TransferKit.Weights.MobileNetV2
using System.Numerics.Tensors;
using Microsoft.Extensions.AI;
using TransferKit;
var options = new BackboneOptions { IncludeTop = false, Pooling = Pooling.Avg, Alpha = 0.35, Weights = MobileNetV2Weights.Alpha035NoTop };
var generator = new TransferKit.Extensions.AI.BackboneEmbeddingGenerator(Backbone.Load("mobilenet_v2", options));
DataContent Picture(string file) => new(File.ReadAllBytes(file), "image/*") { Name = Path.GetFileName(file) };
var query = (await generator.GenerateVectorAsync(Picture(args[1]))).ToArray();
foreach (var row in (await generator.GenerateAndZipAsync(Directory.GetFiles(args[0]).Select(Picture))).OrderByDescending(Similarity))
    Console.WriteLine($"{Similarity(row):0.000} {row.Value.Name}");
float Similarity((DataContent, Embedding<float> Embedding) row) => TensorPrimitives.CosineSimilarity(row.Embedding.Vector.Span, query);
