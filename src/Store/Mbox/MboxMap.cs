using System.Text;
using FullStack.Store.Maildir;
using FullStack.Store.Posix;

namespace FullStack.Store.Mbox;

/// <summary>The messages of an mbox in the order of the file, as they were when the file had certain facts.</summary>
internal sealed class MboxMap
{
    private readonly List<MboxSpan> _spans = [];
    private readonly Dictionary<byte[], MboxSpan> _byName = new(BaseNameComparer.Instance);
    private readonly Dictionary<UInt128, int> _ordinals = [];
    private readonly Dictionary<string, IReadOnlyList<string>> _keywordLists = new(StringComparer.Ordinal);

    /// <summary>Length, time and inode of the file that this is the map of.</summary>
    public FileFacts Facts { get; set; }

    /// <summary>
    /// Takes what the file is after a change of our own. One of another length was written to at the same time, by a program that takes no
    /// lock: what came from there is still to be read, so the map stays that of the shorter file.
    /// </summary>
    /// <param name="now">What the file system says.</param>
    /// <param name="octets">How long our change left it.</param>
    public void Became(FileFacts now, long octets) => Facts = now with { Octets = octets };

    /// <summary>UIDVALIDITY and last UID as the first message tells them; null where it does not.</summary>
    public MboxBase? Numbers { get; set; }

    /// <summary>Whether the first message is the place of these numbers and no mail.</summary>
    public bool HasInternal => _spans.Count > 0 && _spans[0].IsInternal;

    /// <summary>All, in order; the first may be no mail.</summary>
    public IReadOnlyList<MboxSpan> Spans => _spans;

    /// <summary>Messages that are mail.</summary>
    public IEnumerable<MboxSpan> Mail => HasInternal ? _spans.Skip(1) : _spans;

    public MboxSpan? Find(byte[] name) => _byName.GetValueOrDefault(name);

    /// <summary>Adds what a scan found, behind the others.</summary>
    public MboxSpan Add(MboxMessage message)
    {
        MboxFlags flags = MboxFlags.Read(message.Fields);
        byte[] name = message.Token.ToName(1);
        if (_byName.ContainsKey(name))
        {
            int ordinal = _ordinals.GetValueOrDefault(message.Token.Digest, 1);
            do
                name = message.Token.ToName(++ordinal);
            while (_byName.ContainsKey(name));
            _ordinals[message.Token.Digest] = ordinal;
        }

        if (_spans.Count == 0 && message.Find(message.IsInternal ? MboxField.XImap : MboxField.XImapBase) is { } numbers)
            Numbers = MboxBase.TryParse(numbers.Value, out MboxBase known) ? known : null;
        MboxSpan span = new()
        {
            Name = name, Offset = message.Offset, BodyOffset = message.BodyOffset, End = message.End, TextOctets = message.TextOctets,
            QuotedLines = message.QuotedLines, WireOctets = message.WireOctets, IsCounted = message.IsCounted,
            Date = message.Date ?? DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(Facts.ModifiedSeconds, 0, 253402300799)),
            Flags = flags.System, Keywords = Share(flags.Keywords), IsOld = flags.IsOld, Uid = flags.Uid, IsInternal = message.IsInternal,
        };
        Add(span);
        return span;
    }

    public void Add(MboxSpan span)
    {
        _spans.Add(span);
        if (!span.IsInternal)
            _byName[span.Name] = span;
    }

    /// <summary>Takes the last message out, which is to be looked at again.</summary>
    public void RemoveLast()
    {
        MboxSpan last = _spans[^1];
        _spans.RemoveAt(_spans.Count - 1);
        _byName.Remove(last.Name);
        _ordinals.Clear(); // Counted anew: names that are taken are stepped over.
    }

    /// <summary>Forgets messages from an index on: what was appended did not stay.</summary>
    public void RemoveFrom(int index)
    {
        while (_spans.Count > index)
            RemoveLast();
    }

    /// <summary>One list for all messages that have the same keywords.</summary>
    public IReadOnlyList<string> Share(IReadOnlyList<string> keywords)
    {
        if (keywords.Count == 0)
            return [];
        string[] sorted = [.. keywords.Order(StringComparer.Ordinal)];
        string key = string.Join(' ', sorted);
        return _keywordLists.TryGetValue(key, out IReadOnlyList<string>? known) ? known : _keywordLists[key] = sorted;
    }

    public override string ToString() => string.Join(", ", _spans.Select(static s => $"{Encoding.ASCII.GetString(s.Name)}@{s.Offset}-{s.End}"));
}
