using FullStack.Imap.Annotations;
using FullStack.Imap.Server;

namespace FullStack.Imap.Fetch;

/// <summary>Details of new messages that the client asked to be told at once, by NOTIFY or by UPDATE, each message in one FETCH response.</summary>
/// <remarks>RFC 5465 §5.2: "These attributes SHOULD be combined into a single FETCH response. The server SHOULD avoid sending duplicate data."</remarks>
internal sealed class NewMessageFetch
{
    private readonly SortedDictionary<int, List<FetchRequest>> _wanted = [];

    /// <summary>Takes down that something is to be told of messages.</summary>
    public void Add(IEnumerable<int> numbers, FetchRequest request)
    {
        foreach (int number in numbers)
        {
            if (!_wanted.TryGetValue(number, out List<FetchRequest>? requests))
                _wanted[number] = requests = [];
            requests.Add(request);
        }
    }

    /// <summary>Sends it. A message that is gone or cannot be read is left out: its EXPUNGE will come, or the client may ask again.</summary>
    public async ValueTask SendAsync(ImapSession session, CancellationToken ct)
    {
        foreach (IGrouping<FetchRequest, int> same in _wanted.GroupBy(static wanted => Combined(wanted.Value), static wanted => wanted.Key, SameItems.Instance))
            await new FetchResponder(session, same.Key).RunAsync(same, ct);
        _wanted.Clear();
    }

    private static FetchRequest Combined(List<FetchRequest> requests)
        => requests.Count == 1 ? requests[0] : new([.. requests.SelectMany(static request => request.Items).DistinctBy(static item => item is AnnotationItem ? (object)item : Convert.ToBase64String(item.Name.Span))], ChangedSince: null);

    private sealed class SameItems : IEqualityComparer<FetchRequest>
    {
        public static SameItems Instance { get; } = new();

        public bool Equals(FetchRequest? one, FetchRequest? other)
            => ReferenceEquals(one, other) || (one is not null && other is not null && one.Items.SequenceEqual(other.Items));

        public int GetHashCode(FetchRequest request) => request.Items.Count;
    }
}
