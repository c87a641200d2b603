namespace FullStack.Harness.Transcripts;

/// <summary>How what a client sends is cut into writes. A server must not see a difference.</summary>
public enum Cutting
{
    /// <summary>As written: lines that follow one another go in one write.</summary>
    Whole,

    /// <summary>Every octet in a write of its own.</summary>
    Octets,

    /// <summary>At random places.</summary>
    Random,
}
