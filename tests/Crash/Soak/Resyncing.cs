using System.Globalization;
using FullStack.Harness.Clients;
using FullStack.Server;

namespace FullStack.Crash.Soak;

/// <summary>
/// An IMAP client that keeps a list of a mailbox over sessions, lost connections and restarts of the server, has it brought up to date by QRESYNC (RFC 7162), and then
/// looks whether it is right.
/// </summary>
internal sealed class Resyncing(SoakStage stage, string user, Random random) : ISoakClient
{
    private const string Mailbox = "INBOX";
    private const int Rounds = 6;

    private readonly Dictionary<uint, string> _known = [];
    private ulong _validity;
    private ulong _modSeq;

    public string Name => "QRESYNC";

    public ListenerProtocol Protocol => ListenerProtocol.Imap;

    public async Task WorkAsync(Wire wire, CancellationToken ct)
    {
        await wire.Opener.LogInAsync(user, ct);
        ImapTalk talk = new(wire, stage.Tally);
        await talk.DoAsync("ENABLE QRESYNC", ct);
        for (int i = 0; i < Rounds && !stage.IsEnding; i++)
        {
            int spells = stage.Spells;
            string parameter = _modSeq > 0 ? $" (QRESYNC ({_validity} {_modSeq}))" : "";
            ImapAnswer selected = await talk.SelectAsync($"SELECT {Mailbox}{parameter}", ct);
            if (!selected.IsOk)
                throw new RefusedException(selected.Completion.Raw);
            ulong validity = selected.Code("UIDVALIDITY")!.Value, highest = selected.Code("HIGHESTMODSEQ")!.Value;
            if (_validity > 0 && validity != _validity)
                stage.Tally.Found($"QRESYNC: UIDVALIDITY of {user} went from {_validity} to {validity}");
            bool isFirst = _modSeq == 0;
            Apply(selected.Untagged);
            if (!isFirst)
                (_validity, _modSeq) = (validity, highest);
            await CompareAsync(talk, isFirst, highest, ct);
            (_validity, _modSeq) = (validity, highest); // the first list is one once it has been read whole
            stage.Tally.Count("IMAP: QRESYNC, compared");
            await Task.Delay(random.Next(300), ct);
            if (!(await talk.DoAsync("UNSELECT", ct)).IsOk && !stage.WasFullSince(spells))
                stage.Tally.Found("QRESYNC: UNSELECT was refused");
        }

        await talk.DoAsync("LOGOUT", ct);
    }

    /// <summary>Everything of a mod-sequence that SELECT named has to be in the list, and nothing else.</summary>
    private async Task CompareAsync(ImapTalk talk, bool isFirst, ulong highest, CancellationToken ct)
    {
        Dictionary<uint, string> before = new(_known);
        ImapAnswer all = await talk.DoAsync("UID FETCH 1:* (FLAGS MODSEQ)", ct);
        if (!all.IsOk)
            throw new RefusedException(all.Completion.Raw);
        HashSet<uint> gone = [.. all.Untagged.Where(static response => response.Name == "VANISHED").SelectMany(static response => ImapTalk.Uids((string)response.Values[^1]!))];
        HashSet<uint> there = [];
        foreach ((uint uid, IReadOnlyDictionary<string, object?> items) in all.Fetched)
        {
            there.Add(uid);
            string flags = FlagsOf(items);
            if (!isFirst && items.GetValueOrDefault("MODSEQ") is IReadOnlyList<object?> { Count: 1 } modSeq && ulong.Parse((string)modSeq[0]!, CultureInfo.InvariantCulture) <= highest
                && before.GetValueOrDefault(uid) is var known && known != flags)
                stage.Tally.Found($"QRESYNC: UID {uid} of {user} has ({flags}) at {modSeq[0]}, and the client was told {(known is null ? "nothing" : $"({known})")} up to {highest}");
            _known[uid] = flags;
        }

        foreach (uint uid in before.Keys.Where(uid => !there.Contains(uid)))
        {
            if (!gone.Contains(uid))
                stage.Tally.Found($"QRESYNC: UID {uid} of {user} is gone, and the client was not told so up to {highest}");
            _known.Remove(uid);
        }

        foreach (uint uid in gone)
            _known.Remove(uid);
    }

    private void Apply(IReadOnlyList<ImapResponse> responses)
    {
        foreach (ImapResponse response in responses)
        {
            if (response.Name == "VANISHED")
            {
                foreach (uint uid in ImapTalk.Uids((string)response.Values[^1]!))
                    _known.Remove(uid);
            }
            else if (response.Name == "FETCH" && response.Items.TryGetValue("UID", out object? uid))
            {
                _known[uint.Parse((string)uid!, CultureInfo.InvariantCulture)] = FlagsOf(response.Items);
            }
        }
    }

    private static string FlagsOf(IReadOnlyDictionary<string, object?> items)
        => string.Join(' ', ((IReadOnlyList<object?>)items["FLAGS"]!).OfType<string>().Where(static flag => flag != @"\Recent").Order(StringComparer.Ordinal));
}
