export { EC2Client, paginateDescribeInstances, RebootInstancesCommand } from '@aws-sdk/client-ec2';
