using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace TransferKit.ML;

/// <summary>
/// Represents the transform of images to the features that a backbone gives them. Rows are read ahead, decoded on all cores and run in
/// batches, as <see cref="FeatureExtractor"/> does. Rows stay in their order.
/// </summary>
/// <remarks>
/// The features are computed anew in each pass over the data. Put <c>AppendCacheCheckpoint</c> before a trainer that makes several. A file
/// that is not a readable image ends the pass with an <see cref="ImageDecodeException"/>.
/// </remarks>
public sealed class FeatureTransformer : ITransformer
{
    internal FeatureTransformer(string outputColumnName, string inputColumnName, IBackbone backbone)
    {
        ArgumentException.ThrowIfNullOrEmpty(outputColumnName);
        ArgumentException.ThrowIfNullOrEmpty(inputColumnName);
        ArgumentNullException.ThrowIfNull(backbone);
        if (backbone.Outputs.Count != 1)
        {
            throw new ArgumentException(
                $"The backbone must have one output, but {backbone.Name} has {backbone.Outputs.Count}: load it with one layer.",
                nameof(backbone));
        }
        (OutputColumnName, InputColumnName, Backbone) = (outputColumnName, inputColumnName, backbone);
        OutputType = new(NumberDataViewType.Single, backbone.Outputs[0].Shape.ToArray());
    }

    /// <summary>Gets the name of the column of features.</summary>
    public string OutputColumnName { get; }

    /// <summary>Gets the name of the column of paths or images.</summary>
    public string InputColumnName { get; }

    /// <summary>Gets the backbone.</summary>
    public IBackbone Backbone { get; }

    /// <summary>Gets true: each row is transformed by itself, so a <c>PredictionEngine</c> can be made.</summary>
    public bool IsRowToRowMapper => true;

    internal VectorDataViewType OutputType { get; }

    /// <summary>Returns the schema with the column of features.</summary>
    /// <param name="inputSchema">The schema of the input.</param>
    /// <exception cref="ArgumentException">The schema has no such column, or it is neither text nor images.</exception>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        Input(inputSchema);
        var builder = new DataViewSchema.Builder();
        builder.AddColumns(inputSchema);
        builder.AddColumn(OutputColumnName, OutputType, null);
        return builder.ToSchema();
    }

    /// <summary>Returns the data with the column of features, which is computed when it is read.</summary>
    /// <param name="input">The data.</param>
    /// <inheritdoc cref="GetOutputSchema" path="/exception"/>
    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return new FeatureView(this, input, GetOutputSchema(input.Schema));
    }

    /// <summary>Returns the transform of single rows, for a <c>PredictionEngine</c>.</summary>
    /// <param name="inputSchema">The schema of the rows.</param>
    /// <inheritdoc cref="GetOutputSchema" path="/exception"/>
    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        return new FeatureRowMapper(this, inputSchema, GetOutputSchema(inputSchema));
    }

    /// <summary>
    /// Refuses: ML.NET lets only transforms of its own assemblies write into its files. <see cref="FeatureModelCatalog"/> saves pipelines
    /// with this transform.
    /// </summary>
    /// <exception cref="NotSupportedException">The transform cannot be saved alone.</exception>
    void ICanSaveModel.Save(ModelSaveContext ctx) => throw new NotSupportedException(
        $"ML.NET cannot save '{OutputColumnName}', the features of {Backbone.Name}. Save the pipeline with "
        + $"mlContext.Model.{nameof(FeatureModelCatalog.SaveWithFeatures)}, and load it with "
        + $"{nameof(FeatureModelCatalog.LoadWithFeatures)}.");

    /// <summary>Gets the input column of a schema, which is text or images.</summary>
    internal DataViewSchema.Column Input(DataViewSchema schema)
    {
        if (schema.GetColumnOrNull(InputColumnName) is not { } column)
            throw NoColumn(InputColumnName, schema.Select(c => c.Name));
        return column.Type is TextDataViewType or ImageDataViewType ? column : throw WrongColumn(column.Name, column.Type.ToString());
    }

    internal static ArgumentException NoColumn(string name, IEnumerable<string> names) =>
        new($"The data has no column '{name}' of one image a row. Its columns are: {string.Join(", ", names)}.");

    internal static ArgumentException WrongColumn(string name, string? type) =>
        new($"The column '{name}' has the type {type}; features are extracted from paths, which are text, or from MLImage.");
}
