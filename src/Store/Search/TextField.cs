namespace FullStack.Store.Search;

/// <summary>Where a text is looked for.</summary>
public enum TextField
{
    /// <summary>The addresses of the From fields, as <c>Name &lt;mailbox@host&gt;</c>, one after the other. So too the next three.</summary>
    From,
    To,
    Cc,
    Bcc,

    /// <summary>The subject that the envelope has: that of the last Subject field.</summary>
    Subject,

    /// <summary>Fields of the header by their name.</summary>
    Header,

    /// <summary>The texts among the body's parts, without the headers of parts and of messages in it.</summary>
    Body,

    /// <summary>The header and the body, with the headers of its parts.</summary>
    Text,
}
