namespace FullStack.Conformance.Interleaving;

/// <summary>The server said, or kept back, what it may not.</summary>
public sealed class ModelBreach(string message) : Exception(message)
{
    /// <summary>Fails with a rule's name where the rule does not hold.</summary>
    public static void Unless(bool holds, string rule)
    {
        if (!holds)
            throw new ModelBreach(rule);
    }
}
