using System.Security.Cryptography;
using System.Text;

namespace FullStack.Queue.Srs;

/// <summary>The file with the keys of rewritten senders: one in each line, the one in use first. Lines that begin with # are comments.</summary>
public static class SrsKeys
{
    private const int LeastCharacters = 16;
    private const int MaxOctets = 64 * 1024;
    private const int MaxKeys = 100;

    /// <summary>Reads the file, and makes it (mode 0600, with a random key) where there is none.</summary>
    /// <param name="file">Its path.</param>
    /// <exception cref="IOException">It cannot be read or made, or holds no key.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static IReadOnlyList<byte[]> Load(string file)
    {
        if (!File.Exists(file))
            Make(file);
        if (new FileInfo(file).Length > MaxOctets)
            throw new IOException($"{file} is too large to hold keys");
        string[] keys = [.. File.ReadLines(file).Select(static line => line.Trim()).Where(static line => line.Length > 0 && line[0] != '#')];
        if (keys.Length is 0 or > MaxKeys || keys.Any(static key => key.Length < LeastCharacters))
            throw new IOException($"expected a key of at least {LeastCharacters} characters in each line of {file}, up to {MaxKeys}");
        return [.. keys.Select(Encoding.UTF8.GetBytes)];
    }

    private static void Make(string file)
    {
        string key = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite };
        using FileStream stream = new(file, options);
        stream.Write(Encoding.ASCII.GetBytes($"# Keys of rewritten senders (SRS). Put a new one in the first line; take an old one away three weeks later.\n{key}\n"));
        stream.Flush(flushToDisk: true);
    }
}
