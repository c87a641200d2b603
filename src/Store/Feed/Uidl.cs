using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using FullStack.Store.Maildir;

namespace FullStack.Store.Feed;

/// <summary>POP3 names of messages: the base of the file name, which outlives the index; a digest of it where POP3 could not carry it.</summary>
internal static class Uidl
{
    private const int MaxOctets = 70;

    public static string Of(ReadOnlySpan<byte> fileName)
    {
        ReadOnlySpan<byte> name = MaildirFileName.Base(fileName);
        bool fits = name.Length is > 0 and <= MaxOctets && !name.ContainsAnyExceptInRange((byte)0x21, (byte)0x7E);
        return fits ? Encoding.ASCII.GetString(name) : Base64Url.EncodeToString(SHA256.HashData(name));
    }
}
