using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using FullStack.Store.Accounts;
using FullStack.Store.Delivery;
using FullStack.Store.Posix;
using FullStack.Store.SideFiles;
using FullStack.Store.Takeover;

namespace FullStack.Store.Acl;

/// <summary>
/// Which accounts let whom see some of their mailboxes, so that to list what others share opens their accounts only. It only says where to
/// look: what somebody may do, the access lists alone decide.
/// </summary>
/// <remarks>
/// An account enters itself whenever its lists are read. The file <c>.shares</c> is written behind, and may be lost: accounts come back to it
/// as they are next used.
/// </remarks>
public sealed class ShareRegister
{
    private readonly StoreContext _store;
    private readonly FilePath _path;
    private readonly AsyncLock _writing = new();
    private ImmutableDictionary<AccountName, ImmutableHashSet<AclIdentifier>> _shares;
    private volatile bool _isBehind;

    internal ShareRegister(StoreContext store)
    {
        _store = store;
        _path = FilePath.Of(Path.Combine(store.Options.Root, ".shares"));
        _shares = Parse(new FormerFiles(store.Files).Read(_path));
    }

    /// <summary>The accounts that may have something to see for a user, in the order of their names.</summary>
    public IReadOnlyList<AccountName> OfferedTo(AccountName user, IReadOnlyCollection<string> groups)
        => [.. _shares.Where(share => share.Key != user && (IsAdministrator(groups) || share.Value.Any(identifier => AccessList.IsAbout(identifier, share.Key, user, groups))))
            .Select(static share => share.Key).OrderBy(static name => name.ToString(), StringComparer.Ordinal)];

    /// <summary>Takes note of whom an account lets see any of its mailboxes.</summary>
    internal void Set(AccountName owner, AccessLists lists)
    {
        ImmutableHashSet<AclIdentifier> seers = [.. lists.Seers];
        ImmutableHashSet<AclIdentifier> before = _shares.GetValueOrDefault(owner, []);
        if (seers.SetEquals(before))
            return;
        ImmutableInterlocked.Update(ref _shares, (shares, entry) => entry.seers.IsEmpty ? shares.Remove(entry.owner) : shares.SetItem(entry.owner, entry.seers), (owner, seers));
        _isBehind = true;
    }

    /// <summary>Writes what changed. A file that cannot be written is tried again later.</summary>
    internal async Task WriteAsync()
    {
        if (!_isBehind)
            return;
        using (await _writing.EnterAsync(CancellationToken.None))
        {
            _isBehind = false;
            byte[] text = Format(_shares);
            FileError error = await _store.Disk.RunAsync(() => Write(text));
            if (error == FileError.None)
                return;
            _isBehind = true;
            _store.Fail("writing", _path, error);
        }
    }

    private static bool IsAdministrator(IReadOnlyCollection<string> groups) => groups.Contains(AclIdentifier.Administrators, StringComparer.OrdinalIgnoreCase);

    private static byte[] Format(ImmutableDictionary<AccountName, ImmutableHashSet<AclIdentifier>> shares)
    {
        ArrayBufferWriter<byte> text = new(), line = new();
        foreach ((AccountName owner, ImmutableHashSet<AclIdentifier> seers) in shares)
        {
            line.ResetWrittenCount();
            SideLine.Escape(line, Encoding.UTF8.GetBytes(owner.ToString()));
            foreach (AclIdentifier seer in seers)
            {
                line.Write(" "u8);
                SideLine.Escape(line, Encoding.UTF8.GetBytes(seer.ToString()));
            }

            SideLine.Write(text, line.WrittenSpan);
        }

        return text.WrittenSpan.ToArray();
    }

    /// <summary>Reads the file's text; damaged lines are left out.</summary>
    private static ImmutableDictionary<AccountName, ImmutableHashSet<AclIdentifier>> Parse(byte[]? text)
    {
        var shares = ImmutableDictionary.CreateBuilder<AccountName, ImmutableHashSet<AclIdentifier>>();
        TextLines lines = new(text);
        while (lines.TryRead(out ReadOnlySpan<byte> line))
        {
            if (!SideLine.TryRead(line, out ReadOnlySpan<byte> rest)
                || !AccountName.TryParse(Encoding.UTF8.GetString(SideLine.Unescape(Words.Take(ref rest))), out AccountName? owner))
                continue;
            var seers = ImmutableHashSet.CreateBuilder<AclIdentifier>();
            while (!rest.IsEmpty)
            {
                if (AclIdentifier.TryParse(Encoding.UTF8.GetString(SideLine.Unescape(Words.Take(ref rest))), out AclIdentifier? seer))
                    seers.Add(seer);
            }

            shares[owner] = seers.ToImmutable();
        }

        return shares.ToImmutable();
    }

    private FileError Write(byte[] text)
    {
        FilePath next = _store.Staging.Child($"shares-{_store.Names.NextTemporary()}");
        FileError error = FileCopy.Make(_store.Files, next, null, file => _store.Files.Write(file, text, 0));
        if (error == FileError.None)
            error = _store.Files.Replace(next, _path);
        if (error != FileError.None)
            _store.Files.Unlink(next);
        return error;
    }
}
