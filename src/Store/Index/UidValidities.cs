using System.Buffers.Text;
using System.Globalization;
using System.Text;
using FullStack.Store.Delivery;
using FullStack.Store.Mailboxes;
using FullStack.Store.Posix;
using Microsoft.Win32.SafeHandles;

namespace FullStack.Store.Index;

/// <summary>
/// Gives out UIDVALIDITY values of an account, each higher than all before. The last one is kept in a file beside the
/// index, so that mailboxes get new values also when the index is lost or the clock goes back.
/// </summary>
/// <remarks>
/// What a crash leaves, F being the file and T its successor in the staging folder, which the next start empties:
/// F; F and a part of T; F and T; T under the name of F. A value is given out only in the last state, synced, so that F
/// is never below a value that was given out.
/// </remarks>
internal sealed class UidValidities(StoreContext store, string accountDirectory)
{
    private const int MaxOctets = 16;

    private readonly FilePath _path = FilePath.Of(Path.Combine(accountDirectory, "uidvalidity"));

    /// <summary>The next value: the present time, or more; and as many behind it as are asked for. Durable before it is returned. Blocks.</summary>
    /// <param name="above">Values in use that the file may not know of.</param>
    /// <param name="count">How many values, at least 1.</param>
    /// <exception cref="IOException">The file cannot be read or written.</exception>
    public UidValidity Next(uint above, int count = 1)
    {
        uint last = Math.Max(above, ReadLast());
        long now = store.Time.GetUtcNow().ToUnixTimeSeconds();
        uint value = checked((uint)Math.Max(Math.Min(now, uint.MaxValue - count), last + 1L));
        uint highest = checked(value + (uint)count - 1);

        byte[] text = Encoding.ASCII.GetBytes(highest.ToString(CultureInfo.InvariantCulture));
        FilePath next = store.Staging.Child($"uidvalidity-{store.Names.NextTemporary()}");
        FileError error = FileCopy.Make(store.Files, next, null, file => store.Files.Write(file, text, 0));
        if (error == FileError.None)
        {
            error = store.Files.Replace(next, _path);
            if (error != FileError.None)
                store.Files.Unlink(next);
        }

        if (error == FileError.None)
            error = store.Files.SyncDirectory(FilePath.Of(accountDirectory));
        return error == FileError.None ? new(value) : throw new IOException($"cannot write {_path}: {error}");
    }

    /// <summary>The same, above all that are in use.</summary>
    /// <param name="rows">The account's mailboxes.</param>
    /// <param name="former">A value that is not among theirs.</param>
    /// <param name="count">How many values, at least 1.</param>
    /// <param name="ct">Ends the wait for the disk.</param>
    /// <exception cref="IOException">The file cannot be read or written.</exception>
    public Task<UidValidity> NextAsync(Dictionary<MailboxName, MailboxRow> rows, uint former, int count, CancellationToken ct)
    {
        uint above = rows.Count == 0 ? former : Math.Max(former, rows.Values.Max(static row => row.UidValidity.Value));
        return store.Disk.RunAsync(() => Next(above, count), ct);
    }

    private uint ReadLast()
    {
        Span<byte> text = stackalloc byte[MaxOctets];
        FileError error = store.Files.OpenRead(_path, out SafeFileHandle? file, out _);
        if (error == FileError.NotFound)
            return 0;
        int count = 0;
        if (error == FileError.None)
        {
            using (file)
                error = store.Files.Read(file!, text, 0, out count);
        }

        if (error != FileError.None)
            throw new IOException($"cannot read {_path}: {error}"); // Without it a value could come again.
        return Utf8Parser.TryParse(text[..count], out uint last, out _) ? last : 0;
    }
}
