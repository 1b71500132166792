public import Repositories

/// Resources below each row, at any depth: drf-extensions' nested routers.
///
/// The parent must exist and be visible to the request, also for lists. A created child belongs to the parent in the path, and to the
/// fields of `selection` that have one value: a body that contradicts them is 400, and one without them gets their values.
public struct Nested: ResourceFeature {
    /// How children belong to their parent.
    enum Link: Sendable {
        /// A field of the child has the key of its parent.
        case field(String)
        /// The rows of a repository have the keys of both.
        case join(any Repository, parent: String, child: String)
    }

    package let resource: Resource
    let link: Link
    let selection: Selection

    /// Declares a nested resource.
    ///
    /// - Parameters:
    ///   - resource: The resource of the children.
    ///   - field: The field of a child that has the key of its parent.
    ///   - selection: The children, if not all with that key are meant: a generic relation has the type of the parent in another field.
    public init<Value: FieldValue>(_ resource: Resource, by field: Field<Value>, where selection: Selection = .all) {
        (self.resource, link, self.selection) = (resource, .field(field.name), selection)
    }

    /// Declares a nested resource whose rows belong to several parents.
    ///
    /// A child is listed once, however often the join has it. Memberships are created and removed through a resource over the join, so this
    /// one has no route that creates a child. The keys of the children are read for each request and are part of the key of cached
    /// responses, so a change of the join takes effect on the next request.
    ///
    /// - Parameters:
    ///   - resource: The resource of the children.
    ///   - join: The rows that connect parents and children: those of a table, or of a view over several. A parent has up to
    ///     ``maximumMemberCount`` of them; the list of one with more throws `RepositoryError.tooManyRows`.
    ///   - parent: The field of the join that has the key of a parent.
    ///   - child: The field of the join that has the key of a child.
    public init<Parent: FieldValue, Child: FieldValue>(
        _ resource: Resource, through join: any Repository, from parent: Field<Parent>, to child: Field<Child>
    ) {
        (self.resource, selection) = (resource, .all)
        link = .join(join, parent: parent.name, child: child.name)
    }

    /// The maximum number of rows of a join with the key of one parent.
    public static let maximumMemberCount = 5000

    /// The fields with one value in all children of a parent, and that value.
    func boundValues(below parent: RowValue) -> [(field: String, value: RowValue)] {
        guard case .field(let field) = link else { return [] }
        return [(field, parent)] + selection.fixedValues.filter { $0.field != field }
    }

    /// The names of those fields.
    var boundFields: [String] { boundValues(below: .null).map(\.field) }

    /// Whether the rows of a repository connect parents and children.
    var isJoin: Bool {
        if case .join = link { true } else { false }
    }

    /// Whether children are created below their parent.
    var createsChildren: Bool { !isJoin }

    /// Adds the resource.
    public func apply(to settings: inout ResourceSettings) { settings.children.append(self) }
}

extension Nested {
    /// Returns the children of a parent, or the one with a key.
    ///
    /// - Throws: `RepositoryError.tooManyRows`, any error of the join.
    func children(of parent: RowValue, key: RowValue? = nil) async throws -> Selection {
        switch link {
        case .field(let field): return .comparison(field, .equal, parent) && selection
        case .join(let join, let parentField, let childField):
            let name = resource.repository.fields.key.name
            var members = Selection.comparison(parentField, .equal, parent)
            if let key {
                members = members && .comparison(childField, .equal, key)
                return try await join.count(members) > 0 ? .comparison(name, .equal, key) : .none
            }
            let limit = Self.maximumMemberCount
            let rows = try await join.rows(
                RowQuery(members, order: [RowOrder(childField)], limit: limit + 1, fields: [childField]))
            guard rows.rowCount <= limit else {
                throw RepositoryError.tooManyRows(count: try await join.count(members), maximum: limit)
            }
            var keys: [RowValue] = []
            // In the order of the keys, so that equal rows of the join are neighbors.
            for row in 0..<rows.rowCount {
                guard let key = rows.value(row: row, field: childField), !key.isNull, key != keys.last else { continue }
                keys.append(key)
            }
            return .values(name, keys)
        }
    }

    /// Returns the mistake in the relation to parents with some fields, if there is one.
    func mistake(below parent: FieldSet) -> String? {
        let name = "the nested resource '\(resource.name)'"
        let child = resource.repository.fields
        switch link {
        case .field(let field):
            guard let description = child[field] else { return "\(name) has no field '\(field)'" }
            return description.type == parent.key.type
                ? nil : "the field '\(field)' of \(name) has another type than the key"
        case .join(let join, let parentField, let childField):
            for (field, key) in [(parentField, parent.key), (childField, child.key)] {
                guard let description = join.fields[field] else { return "the join of \(name) has no field '\(field)'" }
                if description.type != key.type {
                    return "the field '\(field)' of the join of \(name) has another type than the key '\(key.name)'"
                }
            }
            return nil
        }
    }
}

extension Selection {
    /// The fields that have one value in all selected rows, as far as the selection is a conjunction of equalities.
    fileprivate var fixedValues: [(field: String, value: RowValue)] {
        switch self {
        case .comparison(let field, .equal, let value): [(field, value)]
        case .values(let field, let values) where values.count == 1: [(field, values[0])]
        case .and(let parts): parts.flatMap(\.fixedValues)
        default: []
        }
    }
}
