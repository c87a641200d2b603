namespace FullStack.Architecture;

/// <summary>Fails a test with everything that was found, not with the first of it.</summary>
internal static class Findings
{
    public static void None(string rule, IEnumerable<string> found)
    {
        string[] all = [.. found];
        Assert.True(all.Length == 0, $"{rule}{Environment.NewLine}{string.Join(Environment.NewLine, all)}");
    }
}
