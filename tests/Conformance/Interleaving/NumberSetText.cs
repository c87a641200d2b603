using FullStack.Store;

namespace FullStack.Conformance.Interleaving;

/// <summary>Sets of numbers as they stand in commands and responses.</summary>
internal static class NumberSetText
{
    public static List<uint> Parse(string text)
    {
        List<uint> numbers = [];
        foreach (string range in text.Split(','))
        {
            string[] ends = range.Split(':');
            (uint first, uint last) = (uint.Parse(ends[0]), uint.Parse(ends[^1]));
            for (uint number = Math.Min(first, last); number <= Math.Max(first, last); number++)
                numbers.Add(number);
        }

        return numbers;
    }

    public static string Of(IEnumerable<uint> numbers)
        => string.Join(',', NumberRanges.From(numbers).Select(static range => range.First == range.Last ? $"{range.First}" : $"{range.First}:{range.Last}"));
}
