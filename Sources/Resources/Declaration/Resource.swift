import CacheMiddleware
public import Repositories

/// A REST resource over the rows of a repository: drf-extensions' viewset with its router, serializer, permissions and mixins.
///
/// ```swift
/// let cities = Resource("cities", over: SQLiteRepository(CityFields.all, in: database)) {
///     Ordering(CityFields.population.descending)
///     Conditions(requiring: .updates)
///     Caching(.minutes(15), in: store)
/// }
/// router.add(cities)
/// ```
///
/// Without features it lists, creates, retrieves, updates and destroys rows, in numbered pages. Clients filter and order by the fields that
/// declare it; every other parameter is an error.
public struct Resource: Sendable {
    /// The name: the end of the path of the collection.
    public let name: String

    /// The rows.
    public let repository: any Repository

    /// The settings.
    public let settings: ResourceSettings

    /// Declares a resource. A mistake in the declaration stops the program at the start, with a message that names the resource.
    ///
    /// - Parameters:
    ///   - name: The end of the path of the collection: one part or several, with a slash between them, of letters, digits, hyphens and
    ///     underscores.
    ///   - repository: The rows.
    ///   - settings: The settings before the features change them, for example ``ResourceSettings/drf``.
    ///   - features: The features. Of several that change one setting, the last one counts.
    public init(
        _ name: String, over repository: any Repository, settings: ResourceSettings = ResourceSettings(),
        @ResourceBuilder _ features: () throws -> [any ResourceFeature]
    ) rethrows {
        var settings = settings
        for feature in try features() { feature.apply(to: &settings) }
        if let mistake = Self.mistake(name, repository.fields, settings) { preconditionFailure(mistake) }
        if let caching = settings.caching {
            let table = repository.fields.table
            settings.caching?.stamp =
                caching.stamp ?? VersionStamp("resource:\(table)", in: caching.store, runtime: caching.runtime)
        }
        self.name = name
        self.repository = LoggedRepository(repository)
        self.settings = settings
    }

    /// Declares a resource without features.
    public init(_ name: String, over repository: any Repository) {
        self.init(name, over: repository) {}
    }

    /// Invalidates all cached responses of the resource, after a write to the database by other code. If the fields have a version, that
    /// code counts it, because the tag of a row is its version.
    public func invalidate() async {
        guard let caching = settings.caching else { return }
        await caching.invalidations.invalidate(
            [.tag(ResourceTags.all(self))], touching: [caching.stamp].compactMap(\.self))
    }

    /// Returns whether a name is one or several parts of a path.
    static func isName(_ name: String) -> Bool {
        name.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { part in
            !part.isEmpty
                && part.utf8.allSatisfy {
                    switch $0 {
                    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                        true
                    default: false
                    }
                }
        }
    }

    /// Returns the first mistake in a declaration.
    static func mistake(_ name: String, _ fields: FieldSet, _ settings: ResourceSettings) -> String? {
        let context = "resource '\(name)'"
        guard isName(name) else { return "\(context): the name is not a part of a path" }
        for term in settings.order where fields[term.field] == nil {
            return "\(context): the order has an unknown field '\(term.field)'"
        }
        for field in (settings.listFields ?? []) + (settings.detailFields ?? []) where fields[field]?.isVisible != true
        {
            return "\(context): '\(field)' is not a visible field"
        }
        for field in settings.searchFields where fields[field]?.type != .text {
            return "\(context): 'search' looks in '\(field)', which is not a text field"
        }
        for selection in [settings.selection, settings.listSelection, settings.detailSelection ?? .all] {
            do { _ = try selection.validated(against: fields) } catch { return "\(context): \(error)" }
        }
        for child in settings.children {
            if let mistake = child.mistake(below: fields) { return "\(context): \(mistake)" }
        }
        if let mistake = ExtraAction.mistake(in: settings) { return "\(context): \(mistake)" }
        let reserved = fields.fields.filter { !$0.filters.isEmpty && ResourceMount.reserved.contains($0.name) }
        if let field = reserved.first {
            return "\(context): the filter '\(field.name)' has the name of another parameter"
        }
        if let mistake = settings.languages?.mistake(for: fields) { return "\(context): \(mistake)" }
        if let member = settings.uriMember, fields[member]?.isVisible == true {
            return "\(context): the member '\(member)' has the name of a field"
        }
        if settings.pagination.style == .cursor {
            // Cursors have the values of the order.
            let names = settings.order.map(\.field) + fields.fields.filter(\.isSorted).map(\.name)
            for name in names where fields[name]?.isVisible != true {
                return "\(context): pages by cursor cannot be ordered by '\(name)', which is not visible"
            }
        }
        if Set(settings.children.map(\.resource.name)).count < settings.children.count {
            return "\(context): two nested resources have the same name"
        }
        return nil
    }
}
