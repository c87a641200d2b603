using System.Security.Cryptography;
using FullStack.Store.Delivery;
using FullStack.Store.Index;
using FullStack.Store.Posix;
using FullStack.Store.Takeover;

namespace FullStack.Store.SideFiles;

/// <summary>
/// The file <c>fullstack-account</c> beside the index, with what <see cref="AccountFacts"/> says. It is small and changes
/// seldom, so it is written whole each time: after the index, which is the truth as long as it is there.
/// </summary>
/// <remarks>
/// What a crash leaves, F being the file and T its successor in the staging folder, which the next start empties: F; F and a
/// part of T; F and T; T under the name of F. Acknowledged in the last state, synced.
/// </remarks>
internal sealed class AccountFile(StoreContext store, AccountIndex index, string accountDirectory)
{
    public const string Name = "fullstack-account";

    private readonly AsyncLock _lock = new();
    private readonly FilePath _path = FilePath.Of(Path.Combine(accountDirectory, Name));
    private byte[]? _digest; // of what the file holds
    private volatile bool _isBehind;

    /// <summary>Something of it changed, and the index has it.</summary>
    public void Touch() => _isBehind = true;

    /// <summary>Writes the file where it is behind. One that cannot be written is tried again later: the index has it all.</summary>
    /// <exception cref="IOException">The index cannot be used.</exception>
    public async Task SaveAsync()
    {
        if (!_isBehind)
            return;
        using (await _lock.EnterAsync(CancellationToken.None))
        {
            if (!_isBehind)
                return;
            _isBehind = false;
            byte[] text = (await index.ReadAsync(AccountFacts.Load, CancellationToken.None)).Format();
            byte[] digest = SHA256.HashData(text);
            if (_digest is not null && digest.AsSpan().SequenceEqual(_digest))
                return; // Most mailboxes that are made and deleted leave no trace here.
            FileError error = await store.Disk.RunAsync(() => Write(text));
            _digest = error == FileError.None ? digest : null;
            if (error == FileError.None)
                return;
            _isBehind = true;
            store.Fail("writing", _path, error);
        }
    }

    /// <summary>Writes the file where there is none, and where it is behind.</summary>
    /// <exception cref="IOException">The index cannot be used.</exception>
    public async Task CloseAsync()
    {
        _isBehind |= File.Exists(Path.Combine(accountDirectory, "index.db"))
            && await store.Disk.RunAsync(() => store.Files.Stat(_path, out _)) == FileError.NotFound;
        await SaveAsync();
    }

    /// <summary>Reads the file; null where there is none, or none that can be understood, which is set aside. Blocks.</summary>
    /// <exception cref="IOException">It is there and cannot be read now.</exception>
    public AccountFacts? Read()
    {
        FormerFiles files = new(store.Files);
        byte[]? text = files.Read(_path);
        if (files.Error != FileError.None)
            throw new IOException($"cannot read {_path}: {files.Error}");
        if (text is null)
            return null;
        bool isSound = AccountFacts.TryParse(text, out AccountFacts facts, out int damaged);
        if (!isSound || damaged > 0)
        {
            FilePath aside = FilePath.Of($"{_path}.broken-{store.Time.GetUtcNow().ToUnixTimeSeconds()}");
            store.Files.Replace(_path, aside);
            StoreLog.AccountFileSetAside(store.Log, _path.ToString(), aside.ToString());
        }

        _isBehind = true;
        return isSound ? facts : null;
    }

    private FileError Write(byte[] text)
    {
        FilePath next = store.Staging.Child($"account-{store.Names.NextTemporary()}");
        FileError error = FileCopy.Make(store.Files, next, null, file => store.Files.Write(file, text, 0));
        if (error != FileError.None)
            return error;
        error = store.Files.Replace(next, _path);
        if (error != FileError.None)
            store.Files.Unlink(next);
        return error == FileError.None ? store.Files.SyncDirectory(FilePath.Of(accountDirectory)) : error;
    }
}
