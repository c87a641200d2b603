namespace FullStack.Store.Search;

/// <summary>A query made ready to be asked of many messages: what it takes to answer it, and a slot for each different text in it.</summary>
internal sealed class QueryPlan
{
    private readonly List<MessageQuery.Contains> _texts = [];
    private readonly Dictionary<MessageQuery.Contains, int> _slots = [];

    public QueryPlan(MessageQuery query)
    {
        Root = Compile(query);
        UsesEnvelope |= _texts.Exists(EnvelopeTexts.CanTell);
        UsesAddresses = _texts.Exists(static text => text.Field is TextField.From or TextField.To or TextField.Cc or TextField.Bcc);
    }

    /// <summary>The query with <see cref="MessageQuery.TextAt"/> in the place of texts.</summary>
    public MessageQuery Root { get; }

    /// <summary>The texts by their slots.</summary>
    public IReadOnlyList<MessageQuery.Contains> Texts => _texts;

    /// <summary>Whether a message's envelope can tell something.</summary>
    public bool UsesEnvelope { get; private set; }

    /// <summary>Whether the envelope's addresses can.</summary>
    public bool UsesAddresses { get; }

    /// <summary>Whether the message matches; null as long as that depends on what is not known.</summary>
    public bool? Matches(MessageFacts message) => QueryEvaluator.Matches(Root, message);

    private MessageQuery Compile(MessageQuery query)
    {
        switch (query)
        {
            case MessageQuery.And and:
                return new MessageQuery.And([.. and.Queries.Select(Compile)]);
            case MessageQuery.Or or:
                return new MessageQuery.Or(Compile(or.Left), Compile(or.Right));
            case MessageQuery.Not not:
                return new MessageQuery.Not(Compile(not.Query));
            case MessageQuery.Contains text:
                if (!_slots.TryGetValue(text, out int slot))
                {
                    _slots[text] = slot = _texts.Count;
                    _texts.Add(text);
                }

                return new MessageQuery.TextAt(slot);
            default:
                UsesEnvelope |= query is MessageQuery.Sent;
                return query;
        }
    }
}
