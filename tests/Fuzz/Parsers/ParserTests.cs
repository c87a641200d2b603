using System.Globalization;
using System.Text;

namespace FullStack.Fuzz.Parsers;

/// <summary>Each parser with good input that was changed at random, and with input that is meant to cost much.</summary>
public sealed class ParserTests
{
    /// <summary>Long enough for what is done once for each pair of octets to be seen, short enough for what is done once for each.</summary>
    private const int LongOctets = 128 * 1024;

    /// <summary>Processor time of this thread for an input of that length: some hundred times what reading it takes.</summary>
    private static readonly TimeSpan s_most = TimeSpan.FromSeconds(2);

    private static readonly string[] s_pieces =
        ["(", "[", "{", "\"", "\\", "<", "a@b,", "a:", ";", ";a=", "=?u?q?", "=20", "&", "&AOQ-", ".", "a.", " ", "\t", "\n", "a\n", "\r\n ", "-", "%", "%u", "\xC0\x0C", "\x01" + "a", "1:2,", "*", ",", "=", "/", "+", "#", "A", "\xE4", "\0"];

    public static TheoryData<string> Names => ParserTargets.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public void Mutated_input_is_read_or_refused(string name)
    {
        ParserTarget target = ParserTargets.All[name];
        foreach (byte[] seed in target.SeedOctets)
            Check(target, seed, "a seed");
        foreach (int seed in new FuzzBudget(0.2 / ParserTargets.All.Count).Seeds())
            Check(target, new Mutator(target.SeedOctets, new Random(seed)).Next(), $"FUZZ_SEED={seed}");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Long_input_costs_in_proportion_to_its_length(string name)
    {
        ParserTarget target = ParserTargets.All[name];
        string[] pieces = FuzzBudget.IsLong ? s_pieces : [.. s_pieces.Where((_, i) => i % 6 == (name.Length + name[0]) % 6)];
        foreach (string piece in pieces)
        {
            foreach (string start in new[] { "", target.Seeds[0] })
            {
                string text = start + string.Concat(Enumerable.Repeat(piece, (LongOctets - start.Length) / piece.Length));
                byte[] octets = Encoding.Latin1.GetBytes(text);
                TimeSpan before = ThreadTime.Spent;
                Check(target, octets, $"{(start.Length == 0 ? "" : "the first seed and ")}{piece} repeated");
                TimeSpan spent = ThreadTime.Spent - before;
                Assert.True(spent < s_most, $"{name}: {spent.TotalMilliseconds} ms for {LongOctets} octets of {(start.Length == 0 ? "" : "the first seed and ")}{piece}");
            }
        }
    }

    private static void Check(ParserTarget target, byte[] input, string what)
    {
        long most = target.MaxFixed + ((long)target.MaxPerOctet * input.Length);
        long allocated = Allocated(target, input, what);
        if (allocated > most)
            allocated = Allocated(target, input, what); // the first time has tables made that are kept
        Assert.True(allocated <= most, $"{target.Name}, {what}: {allocated} octets allocated for {input.Length}, {most} are the most\n{Shown(input)}");
    }

    private static long Allocated(ParserTarget target, byte[] input, string what)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            target.Run(input);
        }
        catch (Exception e)
        {
            Assert.Fail($"{target.Name}, {what}: {e.GetType().Name}: {e.Message}\n{Shown(input)}\n{e.StackTrace}");
        }

        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static string Shown(byte[] input)
    {
        StringBuilder text = new();
        foreach (byte octet in input.AsSpan(0, Math.Min(input.Length, 2000)))
            text.Append(octet is >= (byte)' ' and < 0x7F ? ((char)octet).ToString() : string.Create(CultureInfo.InvariantCulture, $"\\x{octet:X2}"));
        return text.ToString();
    }
}
