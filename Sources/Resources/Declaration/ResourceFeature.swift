/// A part of a ``Resource``'s declaration, such as ``Pagination`` or ``Caching``.
public protocol ResourceFeature: Sendable {
    /// Changes the settings of the resource.
    func apply(to settings: inout ResourceSettings)
}

/// Builds the list of features of a ``Resource``.
@resultBuilder
public enum ResourceBuilder {
    /// Adds a feature.
    public static func buildExpression(_ feature: some ResourceFeature) -> [any ResourceFeature] { [feature] }

    /// Joins parts in order.
    public static func buildBlock(_ parts: [any ResourceFeature]...) -> [any ResourceFeature] { parts.flatMap(\.self) }

    /// Adds the features of an `if` without `else`.
    public static func buildOptional(_ part: [any ResourceFeature]?) -> [any ResourceFeature] { part ?? [] }

    /// Adds the features of the first branch.
    public static func buildEither(first part: [any ResourceFeature]) -> [any ResourceFeature] { part }

    /// Adds the features of the second branch.
    public static func buildEither(second part: [any ResourceFeature]) -> [any ResourceFeature] { part }
}
