package import HTTPPipeline
package import HTTPTypes
package import Repositories

/// What a request may write through an action on the collection.
package struct CollectionRequest: Sendable {
    package let resource: Resource
    /// The rows that the request may use.
    package let scope: Selection
    /// The rows among them that its filters select.
    package let rows: Selection
    /// Whether filters select them.
    package let hasFilters: Bool
    /// The fields that have one value in all rows at this place.
    package let bound: [(field: String, value: RowValue)]
    /// Returns the rows that the access rule permits for a further action, or throws the refusal.
    package let permitted: @Sendable (ResourceAction) async throws -> Selection
}

/// An action on the collection of another target of this package.
package struct CollectionAction: ResourceFeature {
    private var action: ExtraAction

    /// Declares the action.
    ///
    /// - Parameters:
    ///   - action: The name and the method.
    ///   - isOnItsPath: Whether the path is that of the collection, without the name.
    ///   - including: The actions that the rule must permit too, for the same rows.
    ///   - parameters: The names of query parameters that are not filters.
    ///   - handle: Returns the response. It invalidates what it has changed.
    package init(
        _ action: (name: String, method: HTTPRequest.Method), isOnItsPath: Bool = false, including: [ResourceAction],
        parameters: [String] = [], _ handle: @escaping @Sendable (CollectionRequest, Exchange) async throws -> Reply
    ) {
        var extra = ExtraAction(
            action: ResourceAction(extra: action.name, action.method, onCollection: true), parameters: parameters,
            handler: .collection(handle))
        extra.isOnItsPath = isOnItsPath
        extra.including = including
        self.action = extra
    }

    /// Returns the action without filters: they are unknown parameters.
    package func unfiltered() -> CollectionAction {
        var unfiltered = self
        unfiltered.action.action.ignoresFilters = true
        return unfiltered
    }

    /// Returns the action with a description for the OpenAPI document.
    package func described(by describe: @escaping OperationDescriber) -> CollectionAction {
        var described = self
        described.action.describe = describe
        return described
    }

    /// Adds the action.
    package func apply(to settings: inout ResourceSettings) { settings.extraActions.append(action) }
}
