using FullStack.Store.Posix;
using FullStack.Store.Quota;
using Microsoft.Win32.SafeHandles;

namespace FullStack.Store.Maildir;

/// <summary>The file <c>maildirsize</c> of one Maildir. All members block.</summary>
/// <remarks>
/// Several programs append to it, each line by one write, and replace it by renaming a whole one over it. It is never
/// synced: what a power cut takes of it is counted again.
/// </remarks>
internal sealed class MaildirSizeFile(StoreContext store, FilePath maildir) : IUsageFile
{
    private readonly FilePath _path = maildir.Child("maildirsize"u8);
    private readonly FilePath _tmp = maildir.Child("tmp"u8);

    public FileError Read(out NotedUsage? noted)
    {
        noted = null;
        FileError error = store.Files.OpenRead(_path, out SafeFileHandle? file, out FileFacts facts);
        if (error != FileError.None)
            return error;
        using (file)
        {
            byte[] text = new byte[MaildirSize.MaxOctets];
            int length = 0;
            while (length < text.Length)
            {
                error = store.Files.Read(file!, text.AsSpan(length), length, out int count);
                if (error != FileError.None)
                    return error;
                if (count == 0)
                    break;
                length += count;
            }

            // A longer file is worth its first line only.
            bool isWhole = facts.Octets < MaildirSize.MaxOctets;
            ReadOnlySpan<byte> known = isWhole ? text.AsSpan(0, length) : text.AsSpan(0, text.AsSpan(0, length).IndexOf((byte)'\n') + 1);
            if (MaildirSize.TryParse(known, out MaildirSize size))
                noted = new(size.Quota, size.Sum, isWhole && facts.Octets + MaildirSize.Line(default).Length <= MaildirSize.MaxOctets);
            return FileError.None;
        }
    }

    public FileError Append(QuotaAmount change)
    {
        FileError error = store.Files.OpenAppend(_path, out SafeFileHandle? file);
        if (error != FileError.None)
            return error;
        using (file)
            return store.Files.Write(file!, MaildirSize.Line(change), 0);
    }

    public FileError Replace(QuotaLimits limits, QuotaAmount used)
    {
        FilePath temporary = _tmp.Child(store.Names.NextTemporary());
        FileError error = store.Files.Create(temporary, out SafeFileHandle? file);
        if (error != FileError.None)
            return error;
        using (file)
            error = store.Files.Write(file!, new MaildirSize(limits, used).Format(), 0);
        if (error == FileError.None)
            error = store.Files.Replace(temporary, _path);
        if (error != FileError.None)
            store.Files.Unlink(temporary);
        return error;
    }
}
