namespace FullStack.Dns;

/// <summary>The types of records that are asked for or read.</summary>
/// <remarks>RFC 1035 §3.2.2; AAAA RFC 3596 §2.1; SRV RFC 2782; OPT RFC 6891 §6.1; TLSA RFC 6698 §2.</remarks>
public enum RecordType : ushort
{
    None = 0,
    A = 1,
    Ns = 2,
    Cname = 5,
    Soa = 6,
    Ptr = 12,
    Mx = 15,
    Txt = 16,
    Aaaa = 28,
    Srv = 33,
    Opt = 41,
    Tlsa = 52,
}
