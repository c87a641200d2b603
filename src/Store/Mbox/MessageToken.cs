using System.Buffers.Binary;
using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace FullStack.Store.Mbox;

/// <summary>
/// What tells a message of an mbox from the others: a digest of its From_ line, its header without the metadata fields, the
/// beginning of its body and the body's length up to its last line that is not empty. Equal messages are told apart by their order.
/// </summary>
/// <param name="Digest">The digest.</param>
/// <param name="Octets">Length of the message as stored, its last line end counted as one octet and further empty lines not at all.</param>
internal readonly record struct MessageToken(UInt128 Digest, long Octets)
{
    /// <summary>The digest as text of letters, digits, <c>-</c>, <c>_</c>.</summary>
    public byte[] Text
    {
        get
        {
            Span<byte> octets = stackalloc byte[16];
            BinaryPrimitives.WriteUInt128BigEndian(octets, Digest);
            return Encoding.ASCII.GetBytes(Base64Url.EncodeToString(octets));
        }
    }

    /// <summary>
    /// The message's name: the digest, <c>.2</c>, <c>.3</c> and so on for further messages that are the same, and the length as
    /// Maildir writes it.
    /// </summary>
    public byte[] ToName(int ordinal)
        => [.. Text, .. Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{(ordinal == 1 ? "" : $".{ordinal}")},S={Octets}"))];
}
