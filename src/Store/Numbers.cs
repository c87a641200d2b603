namespace FullStack.Store;

/// <summary>A message's unique identifier in its mailbox, 1 to 4,294,967,295 (RFC 9051 §2.3.1.1).</summary>
public readonly record struct Uid(uint Value) : IComparable<Uid>
{
    public int CompareTo(Uid other) => Value.CompareTo(other.Value);
    public static bool operator <(Uid left, Uid right) => left.Value < right.Value;
    public static bool operator >(Uid left, Uid right) => left.Value > right.Value;
    public static bool operator <=(Uid left, Uid right) => left.Value <= right.Value;
    public static bool operator >=(Uid left, Uid right) => left.Value >= right.Value;
    public override string ToString() => Value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>Names one life of a mailbox: UIDs are comparable only under the same value (RFC 9051 §2.3.1.1). Never 0.</summary>
public readonly record struct UidValidity(uint Value);

/// <summary>A modification sequence, 1 to 2^63-1 (RFC 7162 §3.1).</summary>
public readonly record struct ModSeq(ulong Value) : IComparable<ModSeq>
{
    public int CompareTo(ModSeq other) => Value.CompareTo(other.Value);
    public static bool operator <(ModSeq left, ModSeq right) => left.Value < right.Value;
    public static bool operator >(ModSeq left, ModSeq right) => left.Value > right.Value;
    public static bool operator <=(ModSeq left, ModSeq right) => left.Value <= right.Value;
    public static bool operator >=(ModSeq left, ModSeq right) => left.Value >= right.Value;
}
