using System.Globalization;
using FullStack.Store.Posix;

namespace FullStack.Store.Index;

/// <summary>
/// Gives out UIDVALIDITY values of an account, each higher than all before. The last one is kept in a file beside the
/// index, so that mailboxes get new values also when the index is lost or the clock goes back.
/// </summary>
internal sealed class UidValidities(string accountDirectory, SyncMode sync, IMaildirFiles files, TimeProvider time)
{
    private readonly string _path = Path.Combine(accountDirectory, "uidvalidity");

    /// <summary>The next value: the present time, or more. Durable before it is returned. Blocks.</summary>
    /// <param name="above">Values in use that the file may not know of.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public UidValidity Next(uint above)
    {
        uint last = Math.Max(above, ReadLast());
        long now = time.GetUtcNow().ToUnixTimeSeconds();
        uint value = checked((uint)Math.Max(Math.Min(now, uint.MaxValue - 1), last + 1L));

        string next = _path + ".new";
        using (FileStream file = new(next, FileMode.Create, FileAccess.Write))
        {
            file.Write(System.Text.Encoding.ASCII.GetBytes(value.ToString(CultureInfo.InvariantCulture)));
            if (sync == SyncMode.Full)
                file.Flush(flushToDisk: true);
        }

        File.Move(next, _path, overwrite: true);
        if (files.SyncDirectory(FilePath.Of(accountDirectory)) != FileError.None)
            throw new IOException($"cannot sync {accountDirectory}");
        return new(value);
    }

    private uint ReadLast()
    {
        try
        {
            return uint.TryParse(File.ReadAllText(_path), NumberStyles.None, CultureInfo.InvariantCulture, out uint last) ? last : 0;
        }
        catch (FileNotFoundException)
        {
            return 0;
        }
    }
}
