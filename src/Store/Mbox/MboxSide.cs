using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using FullStack.Store.Posix;

namespace FullStack.Store.Mbox;

/// <summary>The files that this server keeps for an mbox, in a directory of their own in the account's: none of them has mail.</summary>
internal sealed class MboxSide(FilePath directory)
{
    private const int LongestName = 200;

    public FilePath Directory => directory;

    /// <summary>Where appending is announced: <see cref="AppendIntent"/>.</summary>
    public FilePath Intent { get; } = directory.Child("append");

    /// <summary>What was known of the mbox when it was closed: <see cref="MboxMapFile"/>.</summary>
    public FilePath Map { get; } = directory.Child("map");

    /// <summary>The name of the directory for a mailbox.</summary>
    public static string NameOf(string entry) => Short(entry);

    /// <summary>The last part of a path, or a digest of it where something put before it would make it too long.</summary>
    public static byte[] ShortName(FilePath path)
    {
        string text = path.ToString();
        return Encoding.UTF8.GetBytes(Short(text[(text.LastIndexOf('/') + 1)..]));
    }

    private static string Short(string entry)
        => entry.Length == 0 ? "INBOX" : Encoding.UTF8.GetByteCount(entry) <= LongestName ? entry : Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(entry)));
}
