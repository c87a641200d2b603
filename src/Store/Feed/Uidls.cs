using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using FullStack.Store.Maildir;
using FullStack.Store.Mailboxes;

namespace FullStack.Store.Feed;

/// <summary>
/// POP3 names of messages (RFC 1939 §7), each the same for as long as its message exists: what a former server called it,
/// else the base of the file name, which outlives the index; a digest of that where POP3 could not carry it.
/// </summary>
/// <remarks>Read when a session wants them: they would double the memory of an open mailbox, for IMAP never needs them.</remarks>
public sealed class Uidls
{
    private const int MaxOctets = 70;

    private readonly MessageList _messages;
    private readonly Dictionary<uint, string> _former;

    internal Uidls(MessageList messages, Dictionary<uint, string> former) => (_messages, _former) = (messages, former);

    /// <summary>The name of one message: 1 to 70 octets 0x21 to 0x7E; a former server's may be longer, up to 255.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There was no such message.</exception>
    public string Of(Uid uid) => _former.GetValueOrDefault(uid.Value) ?? Make(_messages[_messages.IndexOf(uid.Value)].FileName);

    private static string Make(ReadOnlySpan<byte> fileName)
    {
        ReadOnlySpan<byte> name = MaildirFileName.Base(fileName);
        bool fits = name.Length is > 0 and <= MaxOctets && !name.ContainsAnyExceptInRange((byte)0x21, (byte)0x7E);
        return fits ? Encoding.ASCII.GetString(name) : Base64Url.EncodeToString(SHA256.HashData(name));
    }
}
