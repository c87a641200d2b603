using System.Globalization;
using System.Text;
using FullStack.Store.Delivery;
using FullStack.Store.Mailboxes;
using FullStack.Store.Posix;
using FullStack.Store.Takeover;
using Microsoft.Win32.SafeHandles;

namespace FullStack.Store.Maildir;

/// <summary>
/// Which keywords the letters a to z of a folder's file names stand for: the folder's <c>dovecot-keywords</c>, so that Dovecot's
/// tools read them and other programs may set them. A keyword keeps its letter for good. May be used by several threads.
/// </summary>
/// <remarks>
/// The file is written anew and synced before the first name has a new letter; what a crash leaves is the old file, or the
/// new one, which says more than the names do. A letter that some name has and the file does not explain is never given out.
/// All of it blocks.
/// </remarks>
internal sealed class KeywordLetters(StoreContext store, MaildirFolder folder)
{
    private const int Count = 26;
    private const int MaxOctets = 64 * 1024;

    private readonly Lock _gate = new();
    private readonly FilePath _path = folder.Path.Child(FormerFolder.DovecotKeywords);
    private string?[] _keywords = new string?[Count];
    private FileFacts? _read;

    /// <summary>The file; what we do not understand in it stays there.</summary>
    private byte[] _text = [];

    /// <summary>Letters of lines that are not understood.</summary>
    private uint _foreign;

    /// <summary>The letters of a file name, a bit for each.</summary>
    public static uint MaskOf(ReadOnlySpan<byte> fileName)
    {
        uint mask = 0;
        foreach (byte letter in MaildirFileName.Letters(fileName))
        {
            if (letter is >= (byte)'a' and <= (byte)'z')
                mask |= 1u << (letter - 'a');
        }

        return mask;
    }

    /// <summary>The letters of those keywords that have one, as the file was when it was last read.</summary>
    public uint MaskOf(IReadOnlyList<string> keywords)
    {
        if (keywords.Count == 0)
            return 0;
        lock (_gate)
        {
            uint mask = 0;
            foreach (string keyword in keywords)
            {
                if (IndexOf(keyword) is var index and >= 0)
                    mask |= 1u << index;
            }

            return mask;
        }
    }

    /// <summary>The keywords of those letters that have a meaning, as the file was when it was last read.</summary>
    public IReadOnlyList<string> Of(uint mask)
    {
        if (mask == 0)
            return [];
        lock (_gate)
        {
            return [.. _keywords.Where((keyword, index) => keyword is not null && (mask & (1u << index)) != 0).OfType<string>()];
        }
    }

    /// <summary>The letters of keywords, new ones given out as long as there are any. Where that cannot be written they get none: the index has them all the same.</summary>
    public uint Assign(IEnumerable<string> keywords)
    {
        lock (_gate)
        {
            Read();
            List<string> wanted = [.. keywords.Distinct(StringComparer.OrdinalIgnoreCase)];
            List<string> without = [.. wanted.Where(keyword => IndexOf(keyword) < 0)];
            if (without.Count > 0 && Array.Exists(_keywords, static keyword => keyword is null))
                GiveOut(without);
            return wanted.Select(IndexOf).Where(static index => index >= 0).Aggregate(0u, static (mask, index) => mask | (1u << index));
        }
    }

    private int IndexOf(string keyword) => Array.FindIndex(_keywords, known => keyword.Equals(known, StringComparison.OrdinalIgnoreCase));

    private void GiveOut(List<string> without)
    {
        if (FolderScan.List(store.Files, folder, out Dictionary<byte[], ListedMessage> messages) != FileError.None)
            return;
        uint taken = messages.Keys.Aggregate(_foreign, static (mask, name) => mask | MaskOf(name));
        string?[] keywords = [.. _keywords];
        StringBuilder text = new(Encoding.Latin1.GetString(_text));
        if (text.Length > 0 && text[^1] != '\n')
            text.Append('\n');
        foreach (string keyword in without)
        {
            int free = Enumerable.Range(0, Count).FirstOrDefault(index => keywords[index] is null && (taken & (1u << index)) == 0, -1);
            if (free < 0)
                break;
            keywords[free] = keyword;
            text.Append(CultureInfo.InvariantCulture, $"{free} {keyword}\n");
        }

        byte[] octets = Encoding.Latin1.GetBytes(text.ToString());
        if (octets.Length <= MaxOctets && Write(octets) == FileError.None)
            (_keywords, _text) = (keywords, octets);
    }

    private FileError Write(byte[] text)
    {
        FilePath temporary = folder.Tmp.Child(store.Names.NextTemporary());
        FileError error = FileCopy.Make(store.Files, temporary, null, file => store.Files.Write(file, text, 0));
        if (error != FileError.None)
            return error;
        error = store.Files.Replace(temporary, _path);
        if (error != FileError.None)
            store.Files.Unlink(temporary);
        if (error == FileError.None)
            error = store.Files.SyncDirectory(folder.Path);
        _read = null; // Where only the syncing failed it is the new one all the same.
        return error;
    }

    /// <summary>Reads the file where it is another than the last time.</summary>
    public void Refresh()
    {
        lock (_gate)
            Read();
    }

    private void Read()
    {
        FileError found = store.Files.Stat(_path, out FileFacts facts);
        if (found == FileError.None && _read == facts)
            return;

        // Dovecot's letters mean nothing any more where Courier had the folder after it: it drops and keeps them as it likes.
        bool isOutdated = found == FileError.None && store.Files.Stat(folder.Path.Child(FormerFolder.CourierList), out FileFacts courier) == FileError.None
            && !FormerFolder.IsNewer(facts, courier);
        if (found != FileError.None || isOutdated)
        {
            (_keywords, _text, _foreign, _read) = (new string?[Count], [], 0, null);
            return;
        }

        FileError opened = store.Files.OpenRead(_path, out SafeFileHandle? file, out facts);
        if (opened != FileError.None)
            return;
        byte[] text = new byte[Math.Min(facts.Octets, MaxOctets)];
        using (file)
        {
            if (store.Files.Read(file!, text, 0, out int count) != FileError.None)
                return;
            _text = text[..count];
        }

        (_keywords, _foreign, _read) = (FormerKeywords.ReadLetters(_text), 0, facts);
        TextLines lines = new(_text);
        while (lines.TryRead(out ReadOnlySpan<byte> line))
        {
            if (Words.TryNumber(Words.Take(ref line), out uint index) && index < Count && _keywords[index] is null)
                _foreign |= 1u << (int)index;
        }
    }
}
