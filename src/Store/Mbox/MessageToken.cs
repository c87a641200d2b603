using System.Buffers.Binary;
using System.Buffers.Text;
using System.Text;

namespace FullStack.Store.Mbox;

/// <summary>
/// What tells a message of an mbox from the others: a digest of its From_ line, its header without the metadata fields, the
/// beginning of its body and the body's length up to its last line that is not empty. Equal messages are told apart by their order.
/// </summary>
internal readonly record struct MessageToken(UInt128 Digest)
{
    /// <summary>The token as text of letters, digits, <c>-</c>, <c>_</c>; equal messages get <c>.2</c>, <c>.3</c> and so on.</summary>
    public byte[] ToName(int ordinal)
    {
        Span<byte> octets = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(octets, Digest);
        string text = Base64Url.EncodeToString(octets);
        return Encoding.ASCII.GetBytes(ordinal == 1 ? text : $"{text}.{ordinal}");
    }
}
