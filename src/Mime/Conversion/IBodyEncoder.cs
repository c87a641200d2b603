using System.Buffers;

namespace FullStack.Mime.Conversion;

/// <summary>Encodes one body, piece by piece.</summary>
internal interface IBodyEncoder
{
    void Encode(ReadOnlySpan<byte> octets, IBufferWriter<byte> output);

    /// <summary>Ends the body.</summary>
    /// <param name="endsMessage">Nothing follows, so that its last line has to end; before a boundary the line end is the boundary's.</param>
    void Finish(bool endsMessage, IBufferWriter<byte> output);
}
