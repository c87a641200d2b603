using FullStack.Harness.Clients;

namespace FullStack.Conformance.Interleaving;

/// <summary>SEARCH and SORT.</summary>
internal sealed class SearchCommands(ModelSession session, Random random)
{
    /// <summary>A key and what it means.</summary>
    private sealed record Key(string Text, Func<uint, uint, TrueMessage, bool> Matches, ulong? ModSeq = null, bool UsesNumbers = false);

    private List<(uint Number, uint Uid)> _numbered = [];

    private static readonly string[] s_returns = ["", "", " RETURN ()", " RETURN (ALL)", " RETURN (COUNT)", " RETURN (MIN MAX)", " RETURN (MIN MAX COUNT ALL)"];

    public ModelCommand Search(bool byUid, Named named)
    {
        (SessionPicture picture, Key key, string options) = (session.Picture!, AnyKey(named), s_returns[random.Next(s_returns.Length)]);
        return new($"{(byUid ? "UID " : "")}SEARCH{options} {key.Text}", MayExpunge: byUid)
        {
            UsesNumbers = !byUid || key.UsesNumbers,
            EnablesCondStore = key.ModSeq is not null,
            Begin = () => Number(picture),
            Check = CheckOf(picture, key, byUid, isExtended: options.Length > 0, options, "SEARCH"),
        };
    }

    public ModelCommand Sort(bool byUid, Named named)
    {
        (SessionPicture picture, Key key) = (session.Picture!, AnyKey(named));
        string order = random.Next(3) switch { 0 => "REVERSE ARRIVAL", 1 => "SUBJECT", _ => "SIZE" };
        return new($"{(byUid ? "UID " : "")}SORT ({order}) UTF-8 {key.Text}", MayExpunge: byUid)
        {
            UsesNumbers = !byUid || key.UsesNumbers,
            EnablesCondStore = key.ModSeq is not null,
            Begin = () => Number(picture),
            Check = CheckOf(picture, key, byUid, isExtended: false, "", "SORT"),
        };
    }

    /// <summary>What the session numbers before the search: what comes with its answer was not searched.</summary>
    private void Number(SessionPicture picture) => _numbered = [.. picture.Messages.Select(static (message, i) => ((uint)i + 1, message.Uid ?? 0))];

    private Key AnyKey(Named named)
    {
        Key one = OneKey(named), two = OneKey(named);
        return random.Next(5) switch
        {
            0 => one with { Text = $"NOT {one.Text}", Matches = (number, uid, message) => !one.Matches(number, uid, message) },
            1 => new($"OR {one.Text} {two.Text}", (number, uid, message) => one.Matches(number, uid, message) || two.Matches(number, uid, message), one.ModSeq ?? two.ModSeq, one.UsesNumbers || two.UsesNumbers),
            2 => new($"{one.Text} {two.Text}", (number, uid, message) => one.Matches(number, uid, message) && two.Matches(number, uid, message), one.ModSeq ?? two.ModSeq, one.UsesNumbers || two.UsesNumbers),
            _ => one,
        };
    }

    private Key OneKey(Named named)
    {
        ulong modSeq = 1 + (ulong)random.NextInt64((long)session.Picture!.Mailbox.Highest + 1);
        bool isChanged = session.Picture.Mailbox.IsChanged; // what the mod-sequences are now is known only after a look
        string subject = $"m{random.Next(20)}";
        return random.Next(11) switch
        {
            0 => new("ALL", static (_, _, _) => true),
            1 => new("SEEN", static (_, _, message) => message.Flags.Contains(Flags.Seen)),
            2 => new("UNSEEN", static (_, _, message) => !message.Flags.Contains(Flags.Seen)),
            3 => new("DELETED", static (_, _, message) => message.Flags.Contains(Flags.Deleted)),
            4 => new("UNFLAGGED", static (_, _, message) => !message.Flags.Contains(@"\Flagged")),
            5 => new("KEYWORD $Work", static (_, _, message) => message.Flags.Contains("$Work")),
            6 => new("UNKEYWORD later", static (_, _, message) => !message.Flags.Contains("later")),
            7 => new(NumberSetText.Of(named.Messages.Select(static n => n.Number)), (_, uid, _) => named.Uids.Contains(uid), UsesNumbers: true),
            8 => new($"UID {NumberSetText.Of(named.Uids)}", (_, uid, _) => named.Uids.Contains(uid)),
            9 when !isChanged => new($"MODSEQ {modSeq}", (_, _, message) => message.ModSeq >= modSeq || message.ModSeq == 0, modSeq),
            _ => new($"SUBJECT {subject}", (_, _, message) => message.Subject.Contains(subject, StringComparison.Ordinal)),
        };
    }

    private Action<Answer> CheckOf(SessionPicture picture, Key key, bool byUid, bool isExtended, string options, string name)
    {
        return answer =>
        {
            List<(uint Number, uint Uid)> numbered = _numbered;
            ModelBreach.Unless(answer.IsOk, "SEARCH was refused");
            List<uint> gone = [.. numbered.Where(n => !picture.Mailbox.Messages.ContainsKey(n.Uid)).Select(n => byUid ? n.Uid : n.Number)];
            List<uint> expected = [.. numbered
                .Where(n => picture.Mailbox.Messages.TryGetValue(n.Uid, out TrueMessage? message) && key.Matches(n.Number, n.Uid, message))
                .Select(n => byUid ? n.Uid : n.Number)];
            if (isExtended)
                CheckExtended(answer, options, expected, gone);
            else
            {
                List<uint> found = [.. answer.Untagged.Last(response => response.Name == name).Values.OfType<string>().Select(uint.Parse)];
                CheckSet(found.Order(), expected, gone);
                ModelBreach.Unless(found.Count == found.Distinct().Count(), "a message was found twice");
            }
        };
    }

    private void CheckExtended(Answer answer, string options, List<uint> expected, List<uint> gone)
    {
        ImapResponse response = answer.Untagged.Single(static response => response.Name == "ESEARCH");
        ModelBreach.Unless(response.Values[0] is IReadOnlyList<object?> correlator && (string)correlator[1]! == answer.Tagged.Tag, "ESEARCH names another command");
        Dictionary<string, string> told = [];
        for (int i = response.Values.Count > 1 && (string)response.Values[1]! == "UID" ? 2 : 1; i + 1 < response.Values.Count; i += 2)
            told[((string)response.Values[i]!).ToUpperInvariant()] = (string)response.Values[i + 1]!;
        if (told.TryGetValue("ALL", out string? all))
            CheckSet(NumberSetText.Parse(all), expected, gone);
        if (gone.Count > 0)
            return;
        if (options.Contains("COUNT", StringComparison.Ordinal))
            ModelBreach.Unless(told.GetValueOrDefault("COUNT") == $"{expected.Count}", $"COUNT {told.GetValueOrDefault("COUNT")} of {expected.Count}");
        if (options.Contains("MIN", StringComparison.Ordinal))
            ModelBreach.Unless(told.GetValueOrDefault("MIN") == (expected.Count == 0 ? null : $"{expected[0]}") && told.GetValueOrDefault("MAX") == (expected.Count == 0 ? null : $"{expected[^1]}"), "MIN or MAX is another");
        ModelBreach.Unless(told.ContainsKey("ALL") || expected.Count == 0 || options.Contains("COUNT)", StringComparison.Ordinal) || options.Contains("MAX)", StringComparison.Ordinal), "ALL was not told");
    }

    private static void CheckSet(IEnumerable<uint> found, List<uint> expected, List<uint> gone)
        => ModelBreach.Unless(
            found.Except(gone).SequenceEqual(expected), $"found [{string.Join(' ', found)}], which should be [{string.Join(' ', expected)}]; gone are [{string.Join(' ', gone)}]");
}
