using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using FullStack.Store.Posix;

namespace FullStack.Store.Mbox;

/// <summary>The files that this server keeps for an account's mboxes, in a directory of their own: none of them has mail.</summary>
internal sealed class MboxSide(FilePath directory)
{
    private const int LongestName = 200;

    public FilePath Directory => directory;

    /// <summary>Where appending to an mbox is announced: <see cref="AppendIntent"/>.</summary>
    public FilePath Intent(string entry) => directory.Child($"append-{Short(entry)}");

    /// <summary>What was known of an mbox when it was closed: <see cref="MboxMapFile"/>.</summary>
    public FilePath Map(string entry) => directory.Child($"map-{Short(entry)}");

    /// <summary>Says that the mailbox with a UIDVALIDITY has been served here: its numbers in an mbox are not to be believed any more.</summary>
    public FilePath Served(uint uidValidity) => directory.Child($"served-{uidValidity}");

    /// <summary>The last part of a path, or a digest of it where something put before it would make it too long.</summary>
    public static byte[] ShortName(FilePath path)
    {
        string text = path.ToString();
        return Encoding.UTF8.GetBytes(Short(text[(text.LastIndexOf('/') + 1)..]));
    }

    private static string Short(string entry)
        => entry.Length == 0 ? "INBOX" : Encoding.UTF8.GetByteCount(entry) <= LongestName ? entry : Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(entry)));
}
