using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace TransferKit.ML;

/// <summary>Transforms single rows, as a <c>PredictionEngine</c> does.</summary>
internal sealed class FeatureRowMapper(FeatureTransformer transformer, DataViewSchema input, DataViewSchema output) : IRowToRowMapper
{
    public DataViewSchema InputSchema => input;

    public DataViewSchema OutputSchema => output;

    public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns)
    {
        var needed = new HashSet<int>();
        foreach (var column in dependingColumns)
            needed.Add(column.Index < input.Count ? column.Index : transformer.Input(input).Index);
        return input.Where(c => needed.Contains(c.Index));
    }

    public DataViewRow GetRow(DataViewRow row, IEnumerable<DataViewSchema.Column> activeColumns) =>
        new Row(transformer, row, output, [.. activeColumns.Select(c => c.Index)]);

    private sealed class Row(FeatureTransformer transformer, DataViewRow row, DataViewSchema schema, HashSet<int> active) : DataViewRow
    {
        public override DataViewSchema Schema => schema;

        public override long Position => row.Position;

        public override long Batch => row.Batch;

        public override ValueGetter<DataViewRowId> GetIdGetter() => row.GetIdGetter();

        public override bool IsColumnActive(DataViewSchema.Column column) => active.Contains(column.Index);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => column.Index < schema.Count - 1
            ? row.GetGetter<TValue>(row.Schema[column.Index])
            : FeatureGetter.Of<TValue>(Features());

        private ValueGetter<VBuffer<float>> Features()
        {
            var (input, backbone) = (transformer.Input(row.Schema), transformer.Backbone);
            if (input.Type is ImageDataViewType)
            {
                var image = default(MLImage);
                var getImage = row.GetGetter<MLImage>(input);
                return (ref VBuffer<float> values) =>
                {
                    getImage(ref image!);
                    FeatureGetter.Copy(backbone.Predict(Pictures.Of(image, row.Position)).Row(0), ref values);
                };
            }
            var path = default(ReadOnlyMemory<char>);
            var getPath = row.GetGetter<ReadOnlyMemory<char>>(input);
            return (ref VBuffer<float> values) =>
            {
                getPath(ref path);
                FeatureGetter.Copy(backbone.Predict(path.ToString()).Row(0), ref values);
            };
        }
    }
}
