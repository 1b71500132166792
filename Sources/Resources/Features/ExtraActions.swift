public import HTTPPipeline
public import HTTPTypes
public import Repositories

/// An extra action on the collection, as one of Django REST framework with `@action(detail=False)`: `GET /cities/largest`.
///
/// ```swift
/// ListAction("largest") { rows, exchange in
///     try await reply(with: repository.rows(RowQuery(rows, order: [CityFields.population.descending], limit: 10)))
/// }
/// ```
///
/// The route has the middleware of the resource, its name, permission check and error bodies, and conditions of GET. The access rule
/// decides on `.extra("largest")`, and the one for lists applies too. A row whose key is the name of an action cannot be requested by its
/// key. After a successful action with another method than GET, cached responses of the resource are invalidated.
public struct ListAction: ResourceFeature {
    let action: ExtraAction

    /// Declares the action.
    ///
    /// - Parameters:
    ///   - name: The name: the last part of the path, of letters, digits, hyphens and underscores.
    ///   - method: The method. An action with several methods is declared for each.
    ///   - parameters: The names of query parameters that the handler reads. Those of filters and `search` are known, others are 400.
    ///   - handle: Returns the response. It gets the rows that the request may use and that its filters select, and reads a body from the
    ///     exchange. The errors of `Repositories`, such as `FieldErrors`, become responses.
    public init(
        _ name: String, _ method: HTTPRequest.Method = .get, parameters: [String] = [],
        _ handle: @escaping @Sendable (_ rows: Selection, _ exchange: Exchange) async throws -> Reply
    ) {
        action = ExtraAction(
            action: ResourceAction(extra: name, method, onCollection: true), parameters: parameters,
            handler: .list(handle))
    }

    /// Adds the action.
    public func apply(to settings: inout ResourceSettings) { settings.extraActions.append(action) }
}

/// An extra action on one row, as one of Django REST framework with `@action(detail=True)`: `POST /articles/7/publish`.
///
/// ```swift
/// DetailAction("publish", .post) { row, exchange in
///     try await publisher.publish(row.value(row: 0, field: "title"))
///     return Reply(status: .accepted)
/// }
/// ```
///
/// The route has what that of a ``ListAction`` has. With ``Conditions``, an If-Match of a request that is no GET fails (412), because the
/// action has no representation: send conditions to the row itself. The row exists and is visible, and the access rule permits `.extra("publish")` for it:
/// otherwise the response is 404, 401 or 403. After a successful action with another method than GET, the row and the lists are
/// invalidated.
public struct DetailAction: ResourceFeature {
    let action: ExtraAction

    /// Declares the action.
    ///
    /// - Parameters:
    ///   - name: The name: the last part of the path, of letters, digits, hyphens and underscores.
    ///   - method: The method. An action with several methods is declared for each.
    ///   - parameters: The names of query parameters that the handler reads. Others are 400.
    ///   - handle: Returns the response. It gets a batch of the row with all fields, also hidden ones, and reads a body from the exchange.
    ///     The errors of `Repositories`, such as `FieldErrors`, become responses.
    public init(
        _ name: String, _ method: HTTPRequest.Method = .get, parameters: [String] = [],
        _ handle: @escaping @Sendable (_ row: RowBatch, _ exchange: Exchange) async throws -> Reply
    ) {
        action = ExtraAction(
            action: ResourceAction(extra: name, method, onCollection: false), parameters: parameters,
            handler: .detail(handle))
    }

    /// Adds the action.
    public func apply(to settings: inout ResourceSettings) { settings.extraActions.append(action) }
}

/// An extra action of a resource.
struct ExtraAction: Sendable {
    enum Handler: Sendable {
        case list(@Sendable (Selection, Exchange) async throws -> Reply)
        case collection(@Sendable (CollectionRequest, Exchange) async throws -> Reply)
        case detail(@Sendable (RowBatch, Exchange) async throws -> Reply)
    }

    var action: ResourceAction
    let parameters: [String]
    let handler: Handler
    /// Whether the path is that of the collection, without the name.
    var isOnItsPath = false
    /// The actions that the rule must permit too.
    var including: [ResourceAction] = []
    /// Describes the action, or is nil for one that only its handler knows.
    var describe: OperationDescriber?

    var name: String { action.description }

    /// Whether it is an action of ``CollectionAction``.
    var isOfCollection: Bool {
        if case .collection = handler { true } else { false }
    }

    /// Returns the first mistake in the extra actions of a resource, if there is one.
    static func mistake(in settings: ResourceSettings) -> String? {
        let actions = settings.extraActions
        for (index, action) in actions.enumerated() {
            let name = action.name
            guard !name.contains("/"), Resource.isName(name) else { return "'\(name)' is not a part of a path" }
            if ["list", "detail"].contains(name) { return "the action '\(name)' has the name of a route" }
            if !action.action.isOnCollection, settings.children.contains(where: { $0.resource.name == name }) {
                return "the action '\(name)' has the name of a nested resource"
            }
            for other in actions[..<index] where other.name == name {
                if other.action.isOnCollection != action.action.isOnCollection {
                    return "the action '\(name)' is one on the list and one on single rows"
                }
                if other.action.method == action.action.method, other.isOnItsPath == action.isOnItsPath {
                    return "two actions are named '\(name)' and have the same method"
                }
            }
            if [.head, .options].contains(action.action.method) {
                return "the action '\(name)' has the method \(action.action.method), which resources handle"
            }
        }
        return nil
    }
}
