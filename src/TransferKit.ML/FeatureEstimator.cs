using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;
using Microsoft.ML.Transforms.Image;

namespace TransferKit.ML;

/// <summary>
/// Represents the transform of images to features before it knows its data. It learns nothing: fitting only checks the schema.
/// </summary>
public sealed class FeatureEstimator : IEstimator<FeatureTransformer>
{
    private readonly FeatureTransformer _transformer;
    private readonly CustomMappingEstimator<Nothing, Features> _shape;

    internal FeatureEstimator(string outputColumnName, string inputColumnName, IBackbone backbone)
    {
        _transformer = new(outputColumnName, inputColumnName, backbone);
        _shape = Shape(outputColumnName, _transformer.OutputType);
    }

    /// <summary>Checks that the data has the input column, and returns the transformer.</summary>
    /// <param name="input">The data, of which no row is read.</param>
    /// <exception cref="ArgumentException">The data has no such column, or it is neither text nor images.</exception>
    public FeatureTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        _transformer.GetOutputSchema(input.Schema);
        return _transformer;
    }

    /// <summary>Returns the shape of a schema with the column of features.</summary>
    /// <param name="inputSchema">The shape of the input's schema.</param>
    /// <exception cref="ArgumentException">The schema has no such column, or it is neither text nor images.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        var column = inputSchema.FirstOrDefault(c => c.Name == _transformer.InputColumnName);
        if (column.Name is null || column.Kind != SchemaShape.Column.VectorKind.Scalar)
            throw FeatureTransformer.NoColumn(_transformer.InputColumnName, inputSchema.Select(c => c.Name));
        if (column.ItemType is not (TextDataViewType or ImageDataViewType))
            throw FeatureTransformer.WrongColumn(column.Name, column.ItemType.ToString());
        return _shape.GetOutputSchema(inputSchema);
    }

    // ML.NET lets no other assembly make a column of a shape, so one of its own estimators adds it.
    private static CustomMappingEstimator<Nothing, Features> Shape(string name, VectorDataViewType type)
    {
        var output = SchemaDefinition.Create(typeof(Features));
        var values = output[nameof(Features.Values)];
        (values.ColumnName, values.ColumnType) = (name, type);
        return new MLContext().Transforms.CustomMapping<Nothing, Features>(static (_, _) => { }, null, null, output);
    }

    private sealed class Nothing;

    private sealed class Features
    {
        public VBuffer<float> Values { get; set; }
    }
}
