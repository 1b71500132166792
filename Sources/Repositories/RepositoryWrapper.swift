/// A repository that adds something to another one, for example logging.
///
/// What needs the repository of a certain database, such as a queue of bulk operations, looks for it below all wrappers.
public protocol RepositoryWrapper: Repository {
    /// The repository that does the work.
    var wrapped: any Repository { get }
}

extension Repository {
    /// The repository below all wrappers.
    package var innermost: any Repository {
        var repository: any Repository = self
        while let wrapper = repository as? any RepositoryWrapper { repository = wrapper.wrapped }
        return repository
    }
}
