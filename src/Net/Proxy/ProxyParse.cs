namespace FullStack.Net.Proxy;

/// <summary>What became of reading a proxy's header.</summary>
public enum ProxyParse
{
    /// <summary>It is there.</summary>
    Done,

    /// <summary>It may be one once more has come.</summary>
    Incomplete,

    /// <summary>It is none.</summary>
    Malformed,
}
