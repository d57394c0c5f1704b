using System.Runtime.InteropServices;
using Onnx;
using TransferKit.Onnx.Float16;
using TransferKit.WeightSources;

namespace TransferKit.Onnx.Tensors;

/// <summary>
/// The kernel of a <see cref="Float16Dense"/> as <see cref="Float16Product"/> reads it, from front to back: <c>(panels, inputs, 64)</c>, zero beyond
/// the last unit.
/// </summary>
internal sealed class Float16KernelTensor(WeightTensor kernel, string model) : WeightTensor(
    kernel.Name, [PanelsOf(kernel.Dimensions[1]), kernel.Dimensions[0], Float16Product.Panel], TensorProto.Types.DataType.Float16)
{
    public override string Recipe => $"{kernel.Recipe} float16 in panels, times {Float16Product.Scale}";

    public static long PanelsOf(long units) => (units + Float16Product.Panel - 1) / Float16Product.Panel;

    // All of it is kept until it is written: each row of the kernel has some of each panel.
    public override void Write(IWeightSource weights, TensorSink sink)
    {
        var panels = new Half[checked((int)Count)];
        var (inputs, units) = ((int)kernel.Dimensions[0], (int)kernel.Dimensions[1]);
        kernel.Write(weights, new Float16Sink(new PanelSink(panels, inputs, units), model, Name, Float16Product.Scale));
        var length = inputs * Float16Product.Panel;
        for (var start = 0; start < panels.Length; start += length)
            sink.Write<Half>(panels.AsSpan(start, length));
    }

    private sealed class PanelSink(Half[] panels, int inputs, int units) : TensorSink
    {
        private int _input, _unit;

        protected override void WriteBytes(ReadOnlySpan<byte> values)
        {
            var halves = MemoryMarshal.Cast<byte, Half>(values);
            while (!halves.IsEmpty)
            {
                var (panel, column) = Math.DivRem(_unit, Float16Product.Panel);
                var count = Math.Min(Math.Min(Float16Product.Panel - column, units - _unit), halves.Length);
                halves[..count].CopyTo(panels.AsSpan((panel * inputs + _input) * Float16Product.Panel + column));
                halves = halves[count..];
                _unit += count;
                if (_unit == units)
                    (_input, _unit) = (_input + 1, 0);
            }
        }
    }
}
