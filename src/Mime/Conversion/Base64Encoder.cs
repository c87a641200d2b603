using System.Buffers;
using System.Buffers.Text;

namespace FullStack.Mime.Conversion;

/// <summary>Encodes as base64 in lines of 76, piece by piece.</summary>
/// <remarks>RFC 2045 §6.8.</remarks>
internal sealed class Base64Encoder : IBodyEncoder
{
    /// <summary>Octets that make one line.</summary>
    private const int LineOctets = 57;

    private readonly byte[] _held = new byte[LineOctets];
    private int _heldLength;
    private bool _any;

    public void Encode(ReadOnlySpan<byte> octets, IBufferWriter<byte> output)
    {
        while (!octets.IsEmpty)
        {
            int length = Math.Min(LineOctets - _heldLength, octets.Length);
            octets[..length].CopyTo(_held.AsSpan(_heldLength));
            _heldLength += length;
            octets = octets[length..];
            if (_heldLength == LineOctets)
                WriteLine(output);
        }
    }

    public void Finish(bool endsMessage, IBufferWriter<byte> output)
    {
        if (_heldLength > 0)
            WriteLine(output);
        if (_any && endsMessage)
            output.Write("\r\n"u8);
        _any = false;
    }

    private void WriteLine(IBufferWriter<byte> output)
    {
        if (_any)
            output.Write("\r\n"u8);
        Base64.EncodeToUtf8(_held.AsSpan(0, _heldLength), output.GetSpan(80), out _, out int written);
        output.Advance(written);
        (_any, _heldLength) = (true, 0);
    }
}
