using FullStack.Store.Posix;

namespace FullStack.Store.Mbox;

/// <summary>Takes out of an mbox what was being appended when the server was killed or the power went. The mbox is locked; blocks.</summary>
internal sealed class MboxRecovery(StoreContext store, FilePath path, MboxLock locked)
{
    private IMaildirFiles Files => store.Files;

    /// <summary>Takes out our part and nothing that another program appended; where the file is not what it was then, nothing.</summary>
    public FileError Undo(AppendIntent intent)
    {
        long octets = locked.Facts.Octets, end = intent.Offset + intent.Octets;
        if (octets <= intent.Offset)
            return FileError.None; // Not begun, or taken back already.
        byte[] start = new byte[Math.Min(intent.Start.Length, octets - intent.Offset)];
        FileError error = Read(start, intent.Offset);
        if (error != FileError.None)
            return error;
        bool isOurs = intent.IsOurs(start);
        if (isOurs && octets > end)
        {
            byte[] behind = new byte[Math.Min(FromLine.Prefix.Length, octets - end)];
            error = Read(behind, end);
            isOurs = behind.AsSpan().SequenceEqual(FromLine.Prefix) || behind[0] is (byte)'\n' or (byte)'\r';
        }

        if (error != FileError.None)
            return error;
        if (!isOurs)
        {
            StoreLog.AppendUnknown(store.Log, path.ToString(), intent.Offset);
            return FileError.None;
        }

        StoreLog.AppendUndone(store.Log, path.ToString(), intent.Offset, Math.Min(end, octets));
        if (octets > end)
            return MboxReplacement.Make(Files, path, locked.File, writer =>
            {
                writer.Copy(locked.File, 0, intent.Offset);
                writer.Copy(locked.File, end, octets);
                return writer.Error;
            }, out _) is var made and not FileError.None ? made : Files.SyncDirectory(path.Directory);
        error = Files.SetLength(locked.File, intent.Offset);
        return error == FileError.None ? Files.Sync(locked.File) : error;
    }

    private FileError Read(Span<byte> octets, long offset)
    {
        while (!octets.IsEmpty)
        {
            FileError error = Files.Read(locked.File, octets, offset, out int count);
            if (error != FileError.None || count == 0)
                return error == FileError.None ? FileError.Failed : error;
            octets = octets[count..];
            offset += count;
        }

        return FileError.None;
    }
}
