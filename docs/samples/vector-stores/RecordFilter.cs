using System.Linq.Expressions;
using Microsoft.Extensions.VectorData.ProviderServices;

namespace VectorStores;

/// <summary>
/// Compiles the filters of records. Properties of dictionaries have the type <see cref="object"/>, and C# compares those by reference;
/// here they are compared by value.
/// </summary>
internal sealed class RecordFilter : ExpressionVisitor
{
    private readonly CollectionModel _model;

    private RecordFilter(CollectionModel model) => _model = model;

    /// <exception cref="InvalidOperationException">The filter names a property that the records do not have.</exception>
    public static Func<TRecord, bool> Compile<TRecord>(Expression<Func<TRecord, bool>> filter, CollectionModel model) =>
        ((Expression<Func<TRecord, bool>>)new RecordFilter(model).Visit(filter)).Compile();

    protected override Expression VisitBinary(BinaryExpression node)
    {
        if (node.Left.Type != typeof(object) || node.NodeType is not (ExpressionType.Equal or ExpressionType.NotEqual))
            return base.VisitBinary(node);
        var right = Expression.Convert(Visit(node.Right), typeof(object));
        var equal = Expression.Call(typeof(object), nameof(Equals), null, Visit(node.Left), right);
        return node.NodeType == ExpressionType.Equal ? equal : Expression.Not(equal);
    }

    protected override Expression VisitMethodCall(MethodCallExpression node) =>
        node.Object?.Type == typeof(Dictionary<string, object?>) && node.Method.Name == "get_Item"
        && node.Arguments is [ConstantExpression { Value: string name }] && !_model.PropertyMap.ContainsKey(name)
            ? throw new InvalidOperationException($"The records have no property '{name}'.")
            : base.VisitMethodCall(node);
}
