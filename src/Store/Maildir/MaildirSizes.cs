using System.Collections.Concurrent;
using FullStack.Store.Mailboxes;
using FullStack.Store.Posix;
using FullStack.Store.Quota;

namespace FullStack.Store.Maildir;

/// <summary>How long the files of one folder are: most say it in their names (<c>S=</c>), the others are looked at once.</summary>
internal sealed class MaildirSizes(IMaildirFiles files)
{
    private readonly ConcurrentDictionary<byte[], long> _unsaid = new(BaseNameComparer.Instance);

    /// <summary>A message's length, which was remembered, or else is looked up now; where the file is gone too, its length on the wire.</summary>
    public long Of(MaildirFolder folder, MessageEntry entry)
    {
        long octets = MaildirFileName.Field(entry.FileName, (byte)'S');
        if (octets >= 0 || _unsaid.TryGetValue(entry.FileName, out octets))
            return octets;
        Remember(folder, entry.FileName, entry.InNew);
        return _unsaid.GetValueOrDefault(entry.FileName, entry.WireOctets);
    }

    /// <summary>Looks at those of the files whose names do not tell how long they are. Blocks.</summary>
    public void Remember(MaildirFolder folder, IEnumerable<ListedMessage> listed)
    {
        foreach (ListedMessage message in listed)
        {
            if (MaildirFileName.Field(message.Name, (byte)'S') < 0)
                Remember(folder, message.Name, message.InNew);
        }
    }

    /// <summary>Forgets all: the folder is listed anew.</summary>
    public void Clear() => _unsaid.Clear();

    /// <summary>Adds up all files of a folder. Blocks.</summary>
    public static FileError Measure(IMaildirFiles files, MaildirFolder folder, out QuotaAmount amount)
    {
        QuotaAmount sum = default;
        foreach (FilePath directory in (ReadOnlySpan<FilePath>)[folder.New, folder.Cur])
        {
            FileError error = files.List(directory, name =>
            {
                if (name[0] == '.')
                    return;
                long octets = MaildirFileName.Field(name, (byte)'S');
                if (octets < 0 && files.Stat(directory.Child(name), out FileFacts facts) == FileError.None && facts.IsFile)
                    octets = facts.Octets;
                if (octets >= 0)
                    sum += new QuotaAmount(octets, 1);
            });
            amount = sum;
            if (error is not (FileError.None or FileError.NotFound)) // A directory that is missing holds nothing.
                return error;
        }

        amount = sum;
        return FileError.None;
    }

    private void Remember(MaildirFolder folder, byte[] name, bool inNew)
    {
        if (files.Stat(folder.Locate(name, inNew), out FileFacts facts) == FileError.None)
            _unsaid[name] = facts.Octets;
    }
}
