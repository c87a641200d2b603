using System.Text.RegularExpressions;

namespace FullStack.Crash;

/// <summary>Holds what arrived elsewhere against what the server acknowledged, and against what it said of its own attempts.</summary>
/// <param name="mostInFlight">Attempts that run at once: as many messages may be handed over without being written down when the server is killed.</param>
internal sealed partial class Relaying(int mostInFlight)
{
    private readonly Dictionary<string, int> _sentIn = [];
    private readonly Dictionary<string, int> _bounces = [];

    /// <summary>How often something came twice because of a kill.</summary>
    public int CountRepeated { get; private set; }

    /// <summary>Recipients of whom the log says that they have their message.</summary>
    public int CountSent => _sentIn.Count;

    /// <summary>Recipients of whom the log says that their message is refused.</summary>
    public int CountBounced => _bounces.Count;

    /// <summary>Reads the log of a server that is gone. An attempt is logged after it is on the disk: it may be missing, but what is there counts.</summary>
    public void Read(int round, IEnumerable<string> log)
    {
        foreach (Match match in log.Select(static line => Attempt().Match(line)).Where(static match => match.Success))
        {
            string address = match.Groups["address"].Value;
            if (match.Groups["status"].Value == "sent")
                _sentIn.TryAdd(address, round);
            else
                _bounces[address] = _bounces.GetValueOrDefault(address) + 1;
        }
    }

    /// <summary>Compares the next hop's list with the ledger when the queue is empty.</summary>
    public IReadOnlyList<string> Differences(IReadOnlyList<Arrival> arrivals, Ledger ledger)
    {
        ILookup<string, Arrival> byAddress = arrivals.ToLookup(static arrival => arrival.Address);
        List<string> differences = [.. ledger.AcknowledgedElsewhere.Where(address => !IsRefused(address) && !byAddress.Contains(address))
            .Select(static address => $"mail to {address} was acknowledged and never arrived")];
        differences.AddRange(arrivals.Where(arrival => ledger.FindElsewhere(arrival.Address) is not { } sent || !IsWhole(arrival.Text, sent.Text))
            .Select(static arrival => $"what arrived for {arrival.Address} is not what was sent"));
        differences.AddRange(byAddress.Where(static group => IsRefused(group.Key)).Select(static group => $"{group.Key} was refused and arrived"));
        differences.AddRange(_bounces.Where(static pair => pair.Value > 1).Select(static pair => $"{pair.Key} was given up {pair.Value} times"));

        Dictionary<int, HashSet<string>> repeatedAfter = [];
        foreach (IGrouping<string, Arrival> group in byAddress)
        {
            differences.AddRange(group.GroupBy(static arrival => arrival.Round).Where(static life => life.SkipLast(1).Any(static arrival => arrival.Told))
                .Select(life => $"{group.Key} came again in round {life.Key}, though the host had said that it has it"));
            int last = group.Max(static arrival => arrival.Round);
            if (_sentIn.TryGetValue(group.Key, out int written) && written < last)
                differences.Add($"{group.Key} was written down as sent in round {written} and came again in round {last}");
            foreach (Arrival known in group.Where(arrival => arrival.Told && arrival.Round < last))
            {
                if (!repeatedAfter.TryGetValue(known.Round, out HashSet<string>? messages))
                    repeatedAfter.Add(known.Round, messages = []);
                messages.Add(ledger.FindElsewhere(group.Key)?.Id ?? group.Key);
            }
        }

        CountRepeated = repeatedAfter.Values.Sum(static messages => messages.Count);
        differences.AddRange(repeatedAfter.Where(pair => pair.Value.Count > mostInFlight)
            .Select(pair => $"{pair.Value.Count} messages came again after the kill of round {pair.Key}: {string.Join(' ', pair.Value)}"));
        return differences;
    }

    /// <summary>Compares notices with refusals.</summary>
    /// <param name="notices">The notices in the sender's mailbox: own Message-ID, and whom it is about.</param>
    /// <param name="ledger">What was sent.</param>
    public static IReadOnlyList<string> NoticeDifferences(IReadOnlyList<(string Id, string About)> notices, Ledger ledger)
    {
        ILookup<string, string> byAddress = notices.ToLookup(static notice => notice.About, static notice => notice.Id);
        List<string> differences = [.. ledger.AcknowledgedElsewhere.Where(address => IsRefused(address) && !byAddress.Contains(address))
            .Select(static address => $"nobody was told that {address} is refused")];

        // A notice may be in the mailbox twice, where the server was killed between the delivery and its writing down; two of them there are never.
        differences.AddRange(byAddress.Where(static group => group.Distinct().Skip(1).Any()).Select(static group => $"{group.Key} is told of by {string.Join(" and ", group.Distinct())}"));
        return differences;
    }

    private static bool IsRefused(string address) => address.StartsWith(NextHopHost.Refused, StringComparison.Ordinal);

    private static bool IsWhole(string text, string sent)
        => text.StartsWith("Received: ", StringComparison.Ordinal) && text.EndsWith(sent, StringComparison.Ordinal);

    [GeneratedRegex(@"to=<?(?<address>[^ >]+@elsewhere\.test)>? .* status=(?<status>sent|bounced|expired) ")]
    private static partial Regex Attempt();
}
