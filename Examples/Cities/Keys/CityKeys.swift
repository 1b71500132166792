import CacheMiddleware
import KeyConstructor

/// The keys of the application's resources.
///
/// They are created once and shared, so that ETagMiddleware and CacheResponseMiddleware reuse one result in the request's
/// memo. They contain `uniqueViewID` and not `uniqueMethodID`, so that the tag from GET is the one that PUT,
/// PATCH and DELETE are compared with.
struct CityKeys: Sendable {
    /// The key of a page of cities. It contains the query parameters that the response depends on, and no other.
    let cityList: KeyConstructor
    /// The key of one city.
    let city: KeyConstructor
    /// The key of the list of countries.
    let countries: KeyConstructor
    /// The key of one user's favourites.
    let favourites: KeyConstructor

    init(updatedAt: VersionStamp, versions: CityVersions) {
        let representation: KeyConstructor = [
            "unique_view_id": .uniqueViewID, "format": .format, "language": .language,
        ]
        // Any write gives every list a new key; older entries are evicted in time.
        let view = representation.adding(["updated_at": .custom(VersionStampKeyBit(updatedAt))])
        cityList = view.adding([
            "query_parameters": .queryParameters(["country", "name", "min_population", "sort"]),
            "pagination": .pagination(["page", "page_size"]),
        ]).memoizedForRequest()
        city = representation.adding(["path_parameters": .pathParameters, "version": .custom(versions)])
            .memoizedForRequest()
        countries = view.memoizedForRequest()
        favourites = view.adding(["user": .user]).memoizedForRequest()
    }
}
