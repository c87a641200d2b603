using System.Globalization;
using System.Text.RegularExpressions;
using FullStack.Harness.Clients;
using FullStack.Harness.Servers;
using FullStack.Server;
using FullStack.Server.Configuration;

namespace FullStack.Crash.Soak;

/// <summary>Looks, while no client works and the queue is empty, whether everything is where it belongs.</summary>
internal sealed partial class Inspection(SoakStage stage, NextHopHost elsewhere)
{
    private readonly Dictionary<string, ulong> _validities = [];
    private readonly Dictionary<string, ulong> _nexts = [];
    private readonly Dictionary<(string About, string Original), HashSet<string>> _notices = [];
    private readonly List<int> _interruptions = [];
    private readonly HashSet<(string Address, string Id)> _toldOf = [];

    /// <summary>The server was killed: what it handed on just before it may hand on again.</summary>
    public void NoteKill()
    {
        _interruptions.Add(elsewhere.CountArrivals);
        stage.Holdings.NoteKill(stage.WasFullLately);
    }

    public async Task CheckAsync(string when, CancellationToken ct)
    {
        List<string> problems = [];
        Dictionary<string, World> small = [];
        foreach (string user in SoakSite.Users)
        {
            Dictionary<string, World> found = await ReadAsync(user, problems, ct);
            problems.AddRange(stage.Holdings.Settle(user, found, stage.Tally));
            if (user == SoakSite.Small)
                small = found;
        }

        await ReadNoticesAsync(problems, ct);
        CheckElsewhere(problems);
        CheckSmall(small, problems);
        stage.Tally.Found(problems.Select(problem => $"{when}: {problem}"));
        stage.Tally.Count("checks of everything");
    }

    private async Task<(LineClient Client, ImapTalk Talk)> OpenAsync(string user, CancellationToken ct)
    {
        Wire wire = new(await LineClient.ConnectAsync(stage.Server.EndPoint(ListenerProtocol.Imap, ListenerTls.Start), ct), ListenerProtocol.Imap);
        await wire.Opener.ReadGreetingAsync(ct);
        await wire.Opener.LogInAsync(user, ct);
        return (wire.Client, new ImapTalk(wire, stage.Tally));
    }

    private async Task<Dictionary<string, World>> ReadAsync(string user, List<string> problems, CancellationToken ct)
    {
        Dictionary<string, World> found = [];
        (LineClient client, ImapTalk talk) = await OpenAsync(user, ct);
        await using (client)
        {
            foreach (string mailbox in Keeping.Mailboxes)
            {
                ImapAnswer selected = await talk.SelectAsync($"EXAMINE {mailbox}", ct);
                if (!selected.IsOk)
                    continue; // No client has made it yet.
                CheckNumbers($"{user}'s {mailbox}", selected, problems);
                if (talk.Count == 0)
                    continue;
                ImapAnswer all = await talk.DoAsync("UID FETCH 1:* (UID FLAGS BODY.PEEK[])", ct);
                if (!all.IsOk)
                    problems.Add($"{user}'s {mailbox} cannot be read: {all.Completion.Raw}");
                foreach ((uint uid, IReadOnlyDictionary<string, object?> items) in all.Fetched)
                {
                    string text = (string)items["BODY[]"]!;
                    if (Consignment.IdIn(text) is not { } id || stage.Ledger.Find(id) is not { } sent || !sent.IsWholeIn(text))
                    {
                        problems.Add($"UID {uid} in {user}'s {mailbox} is not as it was sent: {text[..Math.Min(text.Length, 400)]}");
                        continue;
                    }

                    if (stage.Ledger.Seen($"{user}/{mailbox}", (uint)_validities[$"{user}'s {mailbox}"], uid, id) is { } other)
                        problems.Add($"UID {uid} in {user}'s {mailbox} names {id}, and named {other}");
                    World known = found.GetValueOrDefault(id, World.Nowhere);
                    if (known.Has(mailbox) && !stage.Holdings.MayComeAgain(user, id))
                        problems.Add($"{id} is in {user}'s {mailbox} twice");
                    found[id] = known.With(mailbox, MarkNames.Read(((IReadOnlyList<object?>)items["FLAGS"]!).OfType<string>()));
                }
            }

            await talk.DoAsync("LOGOUT", ct);
        }

        return found;
    }

    private void CheckNumbers(string mailbox, ImapAnswer selected, List<string> problems)
    {
        ulong validity = selected.Code("UIDVALIDITY")!.Value, next = selected.Code("UIDNEXT")!.Value;
        if (_validities.TryGetValue(mailbox, out ulong was) && was != validity)
            problems.Add($"UIDVALIDITY of {mailbox} went from {was} to {validity}");
        else if (_nexts.TryGetValue(mailbox, out ulong least) && next < least)
            problems.Add($"UIDNEXT of {mailbox} went from {least} to {next}");
        (_validities[mailbox], _nexts[mailbox]) = (validity, next);
    }

    /// <summary>Reads what the author was told, and removes it.</summary>
    private async Task ReadNoticesAsync(List<string> problems, CancellationToken ct)
    {
        (LineClient client, ImapTalk talk) = await OpenAsync(SoakSite.Author, ct);
        await using (client)
        {
            await talk.SelectAsync("SELECT INBOX", ct);
            if (talk.Count == 0)
                return;
            ImapAnswer all = await talk.DoAsync("UID FETCH 1:* (UID BODY.PEEK[])", ct);
            foreach ((uint uid, IReadOnlyDictionary<string, object?> items) in all.Fetched)
            {
                string text = (string)items["BODY[]"]!;
                string[] ids = [.. MessageIds().Matches(text).Select(static match => match.Groups[1].Value)];
                string[] about = [.. FinalRecipients().Matches(text).Select(static match => match.Groups[1].Value)];
                if (ids.Length < 2 || about.Length == 0)
                    problems.Add($"UID {uid} in the author's INBOX is no notice: {text[..Math.Min(text.Length, 1000)]}");
                foreach (string address in about)
                {
                    stage.Tally.Count("notices");
                    if (!_notices.TryGetValue((address, ids[^1]), out HashSet<string>? own))
                        _notices.Add((address, ids[^1]), own = []);
                    if (!own.Add(ids[0]))
                        stage.Tally.Count("notices that came again");
                    else if (own.Count > 1)
                        problems.Add($"of {ids[^1]} to {address} there are {own.Count} notices: {string.Join(' ', own)}");
                    if (!address.StartsWith(NextHopHost.Refused, StringComparison.Ordinal) && address != TestAccounts.AddressOf(SoakSite.Small))
                        problems.Add($"{ids[^1]} came back from {address}: {text[..Math.Min(text.Length, 2000)]}");
                }
            }

            await talk.DoAsync(@"STORE 1:* +FLAGS.SILENT (\Deleted)", ct);
            await talk.DoAsync("EXPUNGE", ct);
            await talk.DoAsync("LOGOUT", ct);
        }
    }

    /// <summary>Every message for elsewhere arrived, whole, and once; more often only where the next hop or the server was interrupted.</summary>
    private void CheckElsewhere(List<string> problems)
    {
        IReadOnlyList<Arrival> arrivals = elsewhere.Arrivals;
        Dictionary<(string Address, string Id), List<int>> places = [];
        for (int i = 0; i < arrivals.Count; i++)
        {
            string text = arrivals[i].Text;
            if (Consignment.IdIn(text) is not { } id || stage.Ledger.Find(id) is not { } sent || !sent.IsWholeIn(text))
            {
                problems.Add($"what arrived for {arrivals[i].Address} is not as it was sent: {text[..Math.Min(text.Length, 300)]}");
                continue;
            }

            if (!places.TryGetValue((arrivals[i].Address, id), out List<int>? own))
                places.Add((arrivals[i].Address, id), own = []);
            own.Add(i);
        }

        foreach (Consignment message in stage.Ledger.AllAcknowledged)
        {
            foreach (string address in message.Elsewhere.Concat(message.PassedOn))
            {
                if (address.StartsWith(NextHopHost.Refused, StringComparison.Ordinal) ? !_notices.ContainsKey((address, message.Id)) : !places.ContainsKey((address, message.Id)))
                    Once((address, message.Id), $"{message.Id} to {address} was acknowledged, and neither arrived nor came back", problems);
            }
        }

        int repeated = 0;
        foreach (((string Address, string Id) key, List<int> own) in places)
        {
            repeated += own.Count - 1;
            foreach ((int first, int second) in own.Zip(own.Skip(1)))
            {
                if (arrivals[first].Told && !_interruptions.Exists(at => at <= second && at > first))
                    Once(key, $"{key.Id} came to {key.Address} again, though the host had said that it has it", problems);
            }
        }

        stage.Tally.Set("elsewhere: arrivals", arrivals.Count);
        stage.Tally.Set("elsewhere: arrivals that were repeated", repeated);
    }

    /// <summary>Who has little room got what was acknowledged, or the sender was told.</summary>
    private void CheckSmall(Dictionary<string, World> found, List<string> problems)
    {
        while (stage.PromisedToSmall.TryDequeue(out string? id)) // once: what was there may have been removed at the next look
        {
            if (!found.ContainsKey(id) && !_notices.ContainsKey((TestAccounts.AddressOf(SoakSite.Small), id)))
                problems.Add($"{id} was acknowledged for {SoakSite.Small}; it is not there, and its sender was not told");
        }
    }

    private void Once((string Address, string Id) key, string problem, List<string> problems)
    {
        if (_toldOf.Add(key))
            problems.Add(problem);
    }

    [GeneratedRegex(@"^Message-ID:\s+<([^>]+)>", RegexOptions.IgnoreCase | RegexOptions.Multiline)]
    private static partial Regex MessageIds();

    [GeneratedRegex(@"^Final-Recipient: rfc822; ?(\S+)\r?$", RegexOptions.IgnoreCase | RegexOptions.Multiline)]
    private static partial Regex FinalRecipients();
}
